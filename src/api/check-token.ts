import { createHash, timingSafeEqual } from 'node:crypto';

/** What a token's holder may do: read, or also change issues and set markers. */
export type Role = 'read' | 'admin';

/** A token as it is known here: by its digest alone. */
export interface KnownToken {
  readonly role: Role;
  /** SHA-256, hex. */
  readonly sha256: string;
}

/**
 * Builds the check of an Authorization header: the role of its token, or null. Digests of equal length are compared, all of them whatever the first
 * ones say, so that the time taken tells nothing.
 */
export function tokenChecker(tokens: () => readonly KnownToken[]): (header: string | undefined) => Role | null {
  return (header) => {
    const given = /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1];
    if (given === undefined) return null;
    const digest = createHash('sha256').update(given).digest();
    let role: Role | null = null;
    for (const known of tokens()) {
      if (timingSafeEqual(digest, Buffer.from(known.sha256, 'hex')) && role !== 'admin') role = known.role;
    }
    return role;
  };
}

export function sha256Of(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
