import type { Page, SourceStatus, Verdict, WhyAnswer } from '../domain.ts';
import { EXIT, WhydError, type ExitCode } from '../errors.ts';

export interface ClientOptions {
  /** `http://127.0.0.1:7433` */
  readonly url: string;
  /** Null: none could be found. The daemon then refuses, unless there is none at all, which is what the person must hear first. */
  readonly token: string | null;
  readonly timeoutMs?: number;
}

/** The daemon's answers, typed. Each call throws WhydError `daemon.*` with the exit code that the verb ends with. */
export interface Client {
  why(query: string): Promise<WhyAnswer>;
  failures(filter: Readonly<Record<string, string>>): Promise<Page<Verdict>>;
  sources(): Promise<readonly SourceStatus[]>;
}

const TIMEOUT_MS = 15_000;

export function createClient({ url, token, timeoutMs = TIMEOUT_MS }: ClientOptions): Client {
  const base = parseBase(url);
  const get = async (path: string, query: Readonly<Record<string, string>>): Promise<unknown> => {
    const target = new URL(path, base);
    target.search = new URLSearchParams(query).toString();
    const response = await fetchOrFail(target, token, timeoutMs);
    const body = await readJson(response, base);
    if (!response.ok) throw refusal(response.status, body);
    return body;
  };
  return {
    why: async (query) => expectShape<WhyAnswer>(await get('/v1/why', { q: query }), 'matches', base),
    failures: async (filter) => expectShape<Page<Verdict>>(await get('/v1/failures', filter), 'items', base),
    sources: async () => expectShape<Page<SourceStatus>>(await get('/v1/sources', {}), 'items', base).items,
  };
}

function parseBase(url: string): URL {
  const base = URL.canParse(url) ? new URL(url) : null;
  if (base?.protocol === 'http:' || base?.protocol === 'https:') return base;
  throw new WhydError('daemon.bad_url', `"${url}" is not the address of a daemon`, {
    hint: 'Write http://127.0.0.1:7433.',
    exitCode: EXIT.usage,
  });
}

async function fetchOrFail(target: URL, token: string | null, timeoutMs: number): Promise<Response> {
  try {
    return await fetch(target, {
      headers: { accept: 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
      // A redirect would carry the question, and elsewhere the token, to a place nobody named.
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (error) {
    throw unreachable(target, describeFetchError(error, timeoutMs), error);
  }
}

async function readJson(response: Response, base: URL): Promise<unknown> {
  try {
    return await response.json();
  } catch (error) {
    throw unreachable(base, 'what answers there is not whyd', error);
  }
}

/** Only the list that the printers walk is looked for: the daemon and this client are one version. */
function expectShape<Answer extends object>(body: unknown, list: keyof Answer & string, base: URL): Answer {
  if (typeof body === 'object' && body !== null && Array.isArray(Reflect.get(body, list))) return body as Answer;
  throw unreachable(base, 'what answers there is not whyd', undefined);
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

function textOf(body: unknown, key: string): string | null {
  const value: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, key) : null;
  return typeof value === 'string' ? value : null;
}

function unreachable(target: URL, says: string, cause: unknown): WhydError {
  return new WhydError('daemon.unreachable', `no whyd daemon at ${target.origin}: ${says}`, {
    hint: 'Start it with whyd run, or name its address with --url or WHYD_URL.',
    exitCode: EXIT.unreachable,
    cause,
  });
}

function describeFetchError(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return 'unknown error';
  if (error.name === 'TimeoutError') return `no answer within ${String(timeoutMs / 1_000)} s`;
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
}
