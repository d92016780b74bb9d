import type { DenokvIdentity } from '../../domain.ts';

/** What an address of a database tells, its password gone. */
export interface ConnectionString {
  readonly redacted: string;
  readonly identity: DenokvIdentity;
}

const URL_FORM = /^(postgres(?:ql)?:\/\/)([^]*)$/i;
const PAIR = /([a-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|(\S*))/gi;
const SECRET_KEY = /pass|secret|token|key/i;
const HIDDEN = '***';

/**
 * Reads a Postgres address in either form of libpq's, a URL (several hosts and percent-encoding included) or `key=value` pairs.
 * Null for anything else, which must then not be shown: it may hold a password in a place nobody foresaw.
 */
export function readConnectionString(text: string): ConnectionString | null {
  const url = URL_FORM.exec(text);
  if (url !== null) return readUrl(url[1] ?? '', (url[2] ?? '').split(/\s/, 1)[0] ?? '');
  return /^[a-z_]+\s*=/i.test(text) ? readPairs(text) : null;
}

function readUrl(scheme: string, rest: string): ConnectionString {
  const at = credentialsEnd(rest);
  const credentials = at < 0 ? '' : rest.slice(0, at);
  const [place, query = ''] = splitAt(rest.slice(at + 1), '?');
  const [user, password] = splitAt(credentials, ':');
  const [, path = ''] = splitAt(place, '/');
  const parameters = query === '' ? [] : query.split('&').map(parameterOf);
  const given = (key: string): string => decode(parameters.findLast((parameter) => parameter.key === key)?.value ?? '');
  const shown = parameters.map(({ key, value }) => `${key}=${SECRET_KEY.test(key) ? HIDDEN : value}`).join('&');
  const shownUser = at < 0 ? '' : `${user}${password === undefined ? '' : `:${HIDDEN}`}@`;
  return {
    redacted: `${scheme}${shownUser}${place}${shown === '' ? '' : `?${shown}`}`,
    identity: identityOf(decode(user) || given('user'), decode(path) || given('dbname'), given('application_name')),
  };
}

/** The last @ that can end them: a password may hold an @, a / or a ? that nobody encoded, and hiding too much beats showing some of it. */
function credentialsEnd(rest: string): number {
  const question = rest.indexOf('?');
  if (question < 0) return rest.lastIndexOf('@');
  const at = rest.lastIndexOf('@', question);
  return at < 0 && rest.slice(0, question).includes(':') ? rest.lastIndexOf('@') : at;
}

function splitAt(text: string, separator: string): readonly [string, string?] {
  const index = text.indexOf(separator);
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}

function readPairs(text: string): ConnectionString {
  const pairs = [...text.matchAll(PAIR)].map(([, key = '', quoted, plain]) => ({
    key: key.toLowerCase(),
    value: quoted?.replaceAll(/\\(.)/g, '$1') ?? plain ?? '',
  }));
  const given = (key: string): string => pairs.findLast((pair) => pair.key === key)?.value ?? '';
  const redacted = pairs.map(({ key, value }) => `${key}=${SECRET_KEY.test(key) ? HIDDEN : value}`).join(' ');
  return { redacted, identity: identityOf(given('user'), given('dbname'), given('application_name')) };
}

function identityOf(user: string, database: string, application: string): DenokvIdentity {
  return {
    backend: 'postgres',
    user: user || null,
    // Postgres takes the user's name for a database that the address does not name.
    database: database || user || null,
    application: application || null,
  };
}

function parameterOf(text: string): { readonly key: string; readonly value: string } {
  const [key, value = ''] = splitAt(text, '=');
  return { key, value };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
