import type { JsonOf } from '../domain.ts';

/** What this needs of a reply, whatever its route's types say: they know things, not their JSON. */
interface TextReply {
  type(contentType: string): unknown;
  serializer(write: (payload: string) => string): unknown;
  send(payload: never): unknown;
}

/** Answers with what is JSON already. */
export function sendJson(reply: TextReply, json: JsonOf<unknown>): void {
  reply.type('application/json; charset=utf-8');
  reply.serializer((payload) => payload);
  reply.send(json as never);
}
