/** Completes the API's own description: bodies with an example, and the failures that every route can answer. */
import { exampleOf, type JsonSchema } from "./openapi-example";

interface Operation {
  operationId?: string;
  tags?: string[];
  parameters?: { in: string; name: string; schema: JsonSchema; example?: unknown }[];
  requestBody?: { content: Record<string, unknown>; required: boolean };
  responses?: Record<string, unknown>;
  security?: unknown[];
}

export interface OpenApiDocument {
  paths: Record<string, Record<string, Operation>>;
}

export interface DescribedRoute {
  method: string;
  path: string;
  hooks: { body?: unknown; permission?: unknown; agent?: unknown };
}

/** What HTTP knows; a live connection is no operation. */
const METHODS = new Set(["get", "put", "post", "delete", "patch"]);

const failure = (description: string) => ({
  description,
  content: { "application/json": { schema: { $ref: "#/components/schemas/Failure" } } },
});

/** The document with everything filled in; `routes` are those of the server. */
export function completeDocument(document: OpenApiDocument, routes: readonly DescribedRoute[]): OpenApiDocument {
  const known = new Map(routes.map((route) => [`${route.method.toLowerCase()} ${plainPath(route.path)}`, route.hooks]));
  const paths: OpenApiDocument["paths"] = {};
  for (const [path, operations] of Object.entries(document.paths)) {
    const plain = plainPath(path);
    for (const [method, operation] of Object.entries(operations)) {
      if (!METHODS.has(method) || path.includes("*")) continue;
      paths[plain] ??= {};
      paths[plain][method] = complete(operation, known.get(`${method} ${plain}`) ?? {});
    }
  }
  return { ...document, paths };
}

/** `/contacts/:id/` and `/contacts/{id}` are the same address. */
const plainPath = (path: string): string => path.replace(/:(\w+)/g, "{$1}").replace(/(.)\/$/, "$1");

function complete(operation: Operation, { body, permission, agent }: DescribedRoute["hooks"]): Operation {
  const isGuarded = permission !== undefined || agent !== undefined;
  const { parameters = [], responses = {} } = operation;
  const takesInput = body !== undefined || parameters.length > 0;
  const requestBody = body as JsonSchema | undefined;
  return {
    ...operation,
    tags: operation.tags ?? ["Other"],
    ...(parameters.length > 0
      ? { parameters: parameters.map((one) => ({ ...one, example: one.example ?? exampleOf(one.schema) })) }
      : {}),
    ...(requestBody
      ? {
          requestBody: {
            required: true,
            content: { "application/json": { schema: requestBody, example: exampleOf(requestBody) } },
          },
        }
      : {}),
    ...(isGuarded ? {} : { security: [] }),
    responses: {
      ...(Object.keys(responses).length > 0 ? responses : { 200: { description: "Not JSON: see the description" } }),
      ...(takesInput ? { 400: failure("The request could not be read") } : {}),
      ...(isGuarded ? { 401: failure("Not signed in"), 403: failure("Not allowed") } : {}),
      ...(parameters.some((one) => one.in === "path") ? { 404: failure("Does not exist") } : {}),
      ...(takesInput ? { 422: failure("Fields that are not valid, each with its path") } : {}),
      429: failure("Too many requests; Retry-After says when to come back"),
    },
  };
}
