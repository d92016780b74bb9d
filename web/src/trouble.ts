/** Why the daemon gave no answer. */
export type TroubleKind =
  /** No connection, or no answer in time. */
  | 'unreachable'
  /** 401: no token, or a wrong one. */
  | 'denied'
  /** 403: a token that may only read. */
  | 'forbidden'
  /** 404 and 410. */
  | 'missing'
  /** Any other problem that the daemon named. */
  | 'refused';

export class Trouble extends Error {
  override readonly name = 'Trouble';
  readonly kind: TroubleKind;
  /** What to do about it, where the daemon says so. */
  readonly hint: string | null;

  constructor(kind: TroubleKind, message: string, hint: string | null = null) {
    super(message);
    this.kind = kind;
    this.hint = hint;
  }
}

const KINDS: Readonly<Record<number, TroubleKind>> = {
  401: 'denied',
  403: 'forbidden',
  404: 'missing',
  410: 'missing',
  502: 'unreachable',
  504: 'unreachable',
};

/** Reads an RFC 9457 problem; a body that is none (a proxy's page) still gives a trouble. */
export function troubleOf(status: number, body: unknown): Trouble {
  const problem = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  const text = (name: string): string | null => (typeof problem[name] === 'string' ? problem[name] : null);
  const message = text('detail') ?? text('title') ?? `the daemon answered ${status}`;
  return new Trouble(KINDS[status] ?? 'refused', message, text('hint'));
}
