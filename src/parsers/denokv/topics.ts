import type { DenokvNoteTopic } from '../../domain.ts';
import type { OpenRecord } from './open-record.ts';

/** Below INFO denokv and its libraries tell all their traffic; of that, only what tells a response's status or why a watch broke matters. */
const TELLING_TRAFFIC = /Server::encode status=5\d\d|error from user's HttpBody stream/;

export function isTellingTraffic(text: string): boolean {
  return TELLING_TRAFFIC.test(text);
}

/** What a note is about, and the error inside it if it holds one. */
export function topicOf(record: OpenRecord): { readonly topic: DenokvNoteTopic; readonly body: string | null } {
  const { text } = record;
  if (record.kind === 'panic') return { topic: 'panic', body: null };
  if (record.kind === 'background') {
    const error = /^[a-z_]+ error: ([^]*)$/.exec(text);
    return error === null ? { topic: 'background', body: null } : { topic: 'background_error', body: error[1] ?? '' };
  }
  if (text.startsWith('Listening on ')) return { topic: 'listening', body: null };
  if (text.startsWith('Connection error: ')) {
    return { topic: 'connection_error', body: text.slice('Connection error: '.length) };
  }
  if (record.target === 'tokio_postgres::connection') return { topic: 'connection_notice', body: null };
  return { topic: 'other', body: null };
}
