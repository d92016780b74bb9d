import { Trouble, troubleOf } from './trouble.ts';

const TIMEOUT_MS = 15_000;

export type Parameters = Readonly<Record<string, string | number | null | undefined>>;

/** Asks the daemon. Throws a Trouble, or the signal's own reason when it is aborted. */
export class ApiClient {
  readonly #token: () => string | null;
  readonly #ready: () => Promise<void>;

  /** @param ready what each question waits for */
  constructor(token: () => string | null, ready: () => Promise<void>) {
    this.#token = token;
    this.#ready = ready;
  }

  async get<T>(path: string, parameters: Parameters, signal: AbortSignal): Promise<T> {
    return (await this.#send('GET', withParameters(path, parameters), undefined, signal)) as T;
  }

  async post<T>(path: string, body: unknown, signal: AbortSignal): Promise<T> {
    return (await this.#send('POST', path, JSON.stringify(body), signal)) as T;
  }

  async #send(method: string, path: string, body: string | undefined, signal: AbortSignal): Promise<unknown> {
    await this.#ready();
    signal.throwIfAborted();
    let response: Response;
    try {
      response = await fetch(path, {
        method,
        headers: {
          accept: 'application/json, application/problem+json',
          ...authorization(this.#token()),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body }),
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
    } catch (error) {
      if (signal.aborted) throw error;
      throw new Trouble('unreachable', 'whyd does not answer');
    }
    const answer: unknown = await response.json().catch(() => null);
    if (!response.ok) throw troubleOf(response.status, answer);
    return answer;
  }
}

export function authorization(token: string | null): Readonly<Record<string, string>> {
  return token === null ? {} : { authorization: `Bearer ${token}` };
}

function withParameters(path: string, parameters: Parameters): string {
  const present = Object.entries(parameters).filter(([, value]) => value != null && value !== '');
  if (present.length === 0) return path;
  return `${path}?${new URLSearchParams(present.map(([name, value]) => [name, String(value)])).toString()}`;
}
