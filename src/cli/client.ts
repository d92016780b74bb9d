import type {
  EventRecord,
  IncidentRecord,
  Issue,
  IssueStep,
  Page,
  SourceStatus,
  Timeline,
  Verdict,
  WhyAnswer,
} from '../domain.ts';
import { codeOf, EXIT, WhydError, type ExitCode } from '../errors.ts';
import { socketFetch, trustingFetch, type Fetch } from './node-fetch.ts';

export interface ClientOptions {
  /** `http://127.0.0.1:7433`, or `unix:/run/whyd/api.sock`. */
  readonly url: string;
  /** Null: none could be found. The daemon then refuses, unless there is none at all, which is what the person must hear first. */
  readonly token: string | null;
  /** Where it was looked for, to be named when the daemon refuses. */
  readonly tokenFile?: string;
  readonly timeoutMs?: number;
  /** The daemon's certificate (PEM), where it is known and the address is https. */
  readonly certificate?: string;
}

export type Query = Readonly<Record<string, string>>;

/** The daemon's answers, typed. Each call throws WhydError `daemon.*` with the exit code that the verb ends with. */
export interface Client {
  why(query: string): Promise<WhyAnswer>;
  failures(filter: Query): Promise<Page<Verdict>>;
  timeline(failureId: string, window: string): Promise<Timeline>;
  issues(filter: Query): Promise<Page<Issue>>;
  issue(id: string): Promise<Issue>;
  stepIssue(id: string, step: IssueStep): Promise<Issue>;
  incidents(filter: Query): Promise<Page<IncidentRecord>>;
  events(filter: Query): Promise<Page<EventRecord>>;
  sources(): Promise<readonly SourceStatus[]>;
  /** The stream of what happens from now on or, with the id of the last message seen, from there. */
  stream(lastEventId: string | null, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
}

const TIMEOUT_MS = 15_000;

export function createClient({ url, token, tokenFile, timeoutMs = TIMEOUT_MS, certificate }: ClientOptions): Client {
  const daemon = placeOf(url, certificate);
  const refused = (response: Response, answer: unknown): WhydError =>
    response.status === 401 && token === null && tokenFile !== undefined
      ? noToken(tokenFile)
      : refusal(response.status, answer);
  const ask = async (method: 'GET' | 'POST', path: string, query: Query, body?: unknown): Promise<unknown> => {
    const target = new URL(path, daemon.base);
    target.search = new URLSearchParams(query).toString();
    const response = await fetchOrFail(daemon, target, { method, token, signal: AbortSignal.timeout(timeoutMs), body });
    const answer = await readJson(response, daemon);
    if (!response.ok) throw refused(response, answer);
    return answer;
  };
  const get = async <Answer extends object>(path: string, query: Query, list: keyof Answer & string): Promise<Answer> =>
    expectList<Answer>(await ask('GET', path, query), list, daemon);
  const oneIssue = async (method: 'GET' | 'POST', id: string, step = '', body?: unknown): Promise<Issue> => {
    const answer = await ask(method, `/v1/issues/${encodeURIComponent(id)}${step}`, {}, body).catch(
      rethrowUnknown(`no issue has the id "${id}"`, 'whyd issues lists them.'),
    );
    return expectList<Issue>(answer, 'hourly', daemon);
  };
  return {
    why: (query) => get<WhyAnswer>('/v1/why', { q: query }, 'matches'),
    failures: (filter) => get<Page<Verdict>>('/v1/failures', filter, 'items'),
    timeline: (id, window) => get<Timeline>(`/v1/failures/${encodeURIComponent(id)}/timeline`, { window }, 'entries'),
    issues: (filter) => get<Page<Issue>>('/v1/issues', filter, 'items'),
    issue: (id) => oneIssue('GET', id),
    stepIssue: (id, step) => oneIssue('POST', id, `/${step.kind}`, stepBody(step)),
    incidents: (filter) => get<Page<IncidentRecord>>('/v1/incidents', filter, 'items'),
    events: (filter) => get<Page<EventRecord>>('/v1/events', filter, 'items'),
    sources: async () => (await get<Page<SourceStatus>>('/v1/sources', {}, 'items')).items,
    stream: (lastEventId, signal) => openStream(daemon, token, lastEventId, signal, refused),
  };
}

function stepBody(step: IssueStep): unknown {
  return step.kind === 'mute' && step.untilMs !== null ? { until: new Date(step.untilMs).toISOString() } : {};
}

async function openStream(
  daemon: Place,
  token: string | null,
  lastEventId: string | null,
  signal: AbortSignal,
  refused: (response: Response, answer: unknown) => WhydError,
): Promise<ReadableStream<Uint8Array>> {
  const headers = { accept: 'text/event-stream', ...(lastEventId === null ? {} : { 'last-event-id': lastEventId }) };
  const response = await fetchOrFail(daemon, new URL('/v1/stream', daemon.base), {
    method: 'GET',
    token,
    signal,
    headers,
  });
  if (!response.ok) throw refused(response, await readJson(response, daemon));
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
  if (isStream && response.body !== null) return response.body;
  throw unreachable(daemon, 'what answers there is not whyd', undefined);
}

/** Where the daemon is, and how it is asked there. */
interface Place {
  readonly base: URL;
  /** As a person writes it. */
  readonly name: string;
  readonly fetch: Fetch;
}

const UNIX = 'unix:';

function placeOf(url: string, certificate: string | undefined): Place {
  if (url.startsWith(`${UNIX}/`)) {
    const path = url.slice(UNIX.length);
    return { base: new URL('http://localhost'), name: UNIX + path, fetch: socketFetch(path) };
  }
  const base = URL.canParse(url) ? new URL(url) : null;
  if (base?.protocol === 'http:') return { base, name: base.origin, fetch: plainFetch };
  if (base?.protocol === 'https:') {
    return { base, name: base.origin, fetch: certificate === undefined ? plainFetch : trustingFetch(certificate) };
  }
  throw new WhydError('daemon.bad_url', `"${url}" is not the address of a daemon`, {
    hint: 'Write http://127.0.0.1:7433, or unix:/run/whyd/api.sock.',
    exitCode: EXIT.usage,
  });
}

interface Asking {
  readonly method: 'GET' | 'POST';
  readonly token: string | null;
  readonly signal: AbortSignal;
  readonly headers?: Query;
  readonly body?: unknown;
}

/** A redirect would carry the question, and elsewhere the token, to a place nobody named. */
const plainFetch: Fetch = (target, asked) => fetch(target, { ...asked, redirect: 'error' });

async function fetchOrFail(
  daemon: Place,
  target: URL,
  { method, token, signal, headers, body }: Asking,
): Promise<Response> {
  try {
    return await daemon.fetch(target, {
      method,
      headers: {
        accept: 'application/json',
        ...headers,
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal,
    });
  } catch (error) {
    throw unreachable(daemon, describeFetchError(error), error);
  }
}

async function readJson(response: Response, daemon: Place): Promise<unknown> {
  try {
    return await response.json();
  } catch (error) {
    throw unreachable(daemon, 'what answers there is not whyd', error);
  }
}

/** Only the list that the printers walk is looked for: the daemon and this client are one version. */
function expectList<Answer extends object>(body: unknown, list: keyof Answer & string, daemon: Place): Answer {
  if (typeof body === 'object' && body !== null && Array.isArray(Reflect.get(body, list))) return body as Answer;
  throw unreachable(daemon, 'what answers there is not whyd', undefined);
}

interface Refusal {
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly hint?: string;
}

const DENIED: Refusal = {
  code: 'daemon.denied',
  exitCode: EXIT.denied,
  hint: "Give the daemon's token file with --token-file, or run as a user that may read it.",
};

const REFUSALS: Readonly<Record<number, Refusal>> = {
  400: { code: 'daemon.bad_request', exitCode: EXIT.usage },
  401: DENIED,
  403: DENIED,
  404: { code: 'daemon.not_found', exitCode: EXIT.noMatch },
  409: { code: 'daemon.conflict', exitCode: EXIT.failure },
  410: { code: 'daemon.gone', exitCode: EXIT.noMatch },
  421: { code: 'daemon.wrong_host', exitCode: EXIT.denied, hint: 'Address the daemon as 127.0.0.1 or localhost.' },
};

function refusal(status: number, body: unknown): WhydError {
  const { code, exitCode, hint } = REFUSALS[status] ?? { code: 'daemon.failed', exitCode: EXIT.failure };
  const says = textOf(body, 'detail') ?? textOf(body, 'title') ?? 'it gave no reason';
  const shownHint = hint ?? textOf(body, 'hint');
  return new WhydError(code, `the daemon answered ${String(status)}: ${says}`, {
    exitCode,
    ...(shownHint === null ? {} : { hint: shownHint }),
  });
}

function noToken(tokenFile: string): WhydError {
  return new WhydError(DENIED.code, `the daemon wants a token, and there is no token file ${tokenFile}`, {
    hint: "Name the daemon's with --token-file: it lies beside its index.",
    exitCode: DENIED.exitCode,
  });
}

/** Says of which thing there is none, where the daemon only knows that there is none. */
function rethrowUnknown(says: string, hint: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof WhydError) || error.code !== 'daemon.not_found') throw error;
    throw new WhydError(error.code, says, { hint, exitCode: error.exitCode, cause: error });
  };
}

function textOf(body: unknown, key: string): string | null {
  const value: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, key) : null;
  return typeof value === 'string' ? value : null;
}

/** @param says why, as a code of Node's or OpenSSL's where there is one */
function unreachable({ name }: Place, says: string, cause: unknown): WhydError {
  return new WhydError('daemon.unreachable', `no whyd daemon at ${name}: ${REASONS[says] ?? says}`, {
    hint:
      HINTS.find(({ of }) => of.test(says))?.hint ??
      'Start it with whyd run, or name its address with --url or WHYD_URL.',
    exitCode: EXIT.unreachable,
    cause,
  });
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOENT: 'there is no such socket',
  ENOTFOUND: 'there is no such host',
  EACCES: 'this user may not use the socket',
};

const HINTS: readonly { readonly of: RegExp; readonly hint: string }[] = [
  {
    // OpenSSL's words for a certificate that nobody known signed, or of another name.
    of: /CERT|ERR_TLS|UNABLE_TO_/,
    hint: "Give the daemon's configuration with --config: its certificate is then trusted.",
  },
  { of: /^EACCES$/, hint: "Run as the daemon's user, or join the group of its socket." },
];

function describeFetchError(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  // A request that was given up says only that; what gave it up is its cause.
  const { cause = error } = error;
  if (!(cause instanceof Error)) return error.message;
  if (error.name === 'TimeoutError' || cause.name === 'TimeoutError') return 'it does not answer';
  return codeOf(cause) ?? cause.message;
}
