import type { JsonBytesOf, JsonOf } from '../domain.ts';
import { etagOf, hasEtag } from './etag.ts';

/** What this needs of a reply, whatever its route's types say: they know things, not their JSON. */
interface TextReply {
  type(contentType: string): unknown;
  code(status: number): unknown;
  header(name: string, value: string): unknown;
  serializer(write: (payload: string) => string): unknown;
  send(payload: never): unknown;
}

/** Answers with what is JSON already. */
export function sendJson(reply: TextReply, json: JsonOf<unknown> | JsonBytesOf<unknown>): void {
  reply.type('application/json; charset=utf-8');
  reply.serializer((payload) => payload);
  reply.send(json as never);
}

/** Answers with what will not change any more: with its ETag, and without its body to who has it. */
export function sendFinal(
  { headers }: { readonly headers: { readonly 'if-none-match'?: string | undefined } },
  reply: TextReply,
  json: JsonOf<unknown>,
): void {
  const etag = etagOf(json);
  reply.header('etag', etag);
  reply.header('cache-control', 'private, no-cache');
  if (!hasEtag(headers['if-none-match'], etag)) {
    sendJson(reply, json);
    return;
  }
  reply.code(304);
  reply.serializer(() => '');
  reply.send(null as never);
}
