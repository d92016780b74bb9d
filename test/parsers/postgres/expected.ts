import type { PostgresEvent } from '../../../src/domain.ts';
import { fieldsOf, type Entry } from './render.ts';

/** What an entry must have become, as far as its prefix says it. */
export type Expected = Pick<
  PostgresEvent,
  | 'severity'
  | 'pid'
  | 'session'
  | 'user'
  | 'database'
  | 'application'
  | 'client'
  | 'sqlstate'
  | 'message'
  | 'detail'
  | 'hint'
  | 'context'
  | 'statement'
> & { readonly atUs: number | null };

export function expectedOf(entry: Entry, linePrefix: string, verbose = false): Expected {
  const fields = fieldsOf(linePrefix);
  const has = (...names: readonly string[]): boolean => names.some((name) => fields.has(name));
  const { backend } = entry;
  const isSession = backend.user !== null;
  const atMs = has('m', 'n') ? entry.atMs : has('t') ? Math.floor(entry.atMs / 1000) * 1000 : null;
  return {
    atUs: atMs === null ? null : atMs * 1000,
    severity: entry.severity,
    pid: has('p', 'c') ? backend.pid : null,
    session: has('c') ? `${backend.startSeconds.toString(16)}.${backend.pid.toString(16)}` : null,
    user: has('u') ? backend.user : null,
    database: has('d') && isSession ? backend.database : null,
    application: has('a') && isSession && backend.application !== '' ? backend.application : null,
    client: has('h', 'r') && isSession ? backend.host : null,
    sqlstate: has('e') || verbose ? entry.sqlstate : null,
    message: entry.message,
    detail: entry.detail ?? null,
    hint: entry.hint ?? null,
    context: entry.context ?? null,
    statement: entry.statement ?? null,
  };
}

export function foundOf(event: PostgresEvent): Expected {
  const {
    severity,
    pid,
    session,
    user,
    database,
    application,
    client,
    sqlstate,
    message,
    detail,
    hint,
    context,
    statement,
  } = event;
  return {
    atUs: event.at?.us ?? null,
    severity,
    pid,
    session,
    user,
    database,
    application,
    client,
    sqlstate,
    message,
    detail,
    hint,
    context,
    statement,
  };
}
