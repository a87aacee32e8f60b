/**
 * What can be called over the live connection. Each method is a route of the REST API under a shorter name: path parameters are taken
 * from `params` by their name, the rest is the query of a GET and the body of everything else.
 */
export const RPC_METHODS = {
  "conversations.list": "GET /conversations",
  "conversations.counts": "GET /conversations/counts",
  "conversation.get": "GET /conversations/:id",
  "conversation.patch": "PATCH /conversations/:id",
  "conversation.act": "POST /conversations/:id/actions",
  "conversation.assign": "POST /conversations/:id/assign",
  "conversation.take": "POST /conversations/:id/take",
  "conversation.snooze": "POST /conversations/:id/snooze",
  "conversation.read": "POST /conversations/:id/read",
  "conversation.unread": "POST /conversations/:id/unread",
  "position.get": "GET /conversations/:id/position",
  "position.move": "PUT /conversations/:id/position",
  "conversation.follow": "PUT /conversations/:id/participants/:agent",
  "conversation.unfollow": "DELETE /conversations/:id/participants/:agent",
  "messages.list": "GET /conversations/:id/messages",
  "message.get": "GET /messages/:id",
  "message.send": "POST /conversations/:id/messages",
  "message.note": "POST /conversations/:id/notes",
  "message.patch": "PATCH /messages/:id",
  "message.retry": "POST /messages/:id/retry",
  "message.forward": "POST /messages/:id/forward",
  "draft.list": "GET /conversations/:id/drafts",
  "draft.save": "PUT /conversations/:id/drafts/:kind",
  "scheduled.list": "GET /conversations/:id/scheduled",
  "contacts.list": "GET /contacts",
  "contact.get": "GET /contacts/:id",
  "contact.patch": "PATCH /contacts/:id",
  "canned-replies.list": "GET /canned-replies",
  "canned-reply.render": "POST /canned-replies/:id/render",
  "labels.list": "GET /labels",
  "views.list": "GET /views",
  "view.conversations": "GET /views/:id/conversations",
  "templates.list": "GET /templates",
  "agents.list": "GET /agents",
  "teams.list": "GET /teams",
  "presence.list": "GET /presence",
  "presence.say": "PUT /presence",
  "assignment.load": "GET /assignment/load",
  "assignment.queue": "GET /assignment/queue",
  "conversation.queue": "GET /conversations/:id/queue",
  "copilot.ask": "POST /conversations/:id/copilot",
  "search.find": "GET /search",
} as const satisfies Record<string, `${"GET" | "POST" | "PUT" | "PATCH" | "DELETE"} /${string}`>;

export type RpcMethod = keyof typeof RPC_METHODS;

export const isRpcMethod = (name: string): name is RpcMethod => Object.hasOwn(RPC_METHODS, name);
