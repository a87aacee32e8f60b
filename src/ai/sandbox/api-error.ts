/** A refusal in OpenAI's error shape. */

export interface ApiErrorBody {
  message: string;
  type: string;
  param: string | null;
  code: string | null;
}

export class ApiError extends Error {
  readonly status: number;
  readonly body: ApiErrorBody;
  readonly headers: Record<string, string>;

  constructor(status: number, body: Partial<ApiErrorBody> & { message: string }, headers: Record<string, string> = {}) {
    super(body.message);
    this.status = status;
    this.body = { type: "invalid_request_error", param: null, code: null, ...body };
    this.headers = headers;
  }

  toResponse(headers: Record<string, string>): Response {
    return Response.json({ error: this.body }, { status: this.status, headers: { ...headers, ...this.headers } });
  }
}

/** 400 for a field. */
export const refuse = (param: string, message: string, code = "invalid_value"): ApiError =>
  new ApiError(400, { message, param, code });
