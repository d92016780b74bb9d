import { createHash, timingSafeEqual } from 'node:crypto';

/** Builds the check of an Authorization header. Digests of equal length are compared, so that the time taken tells nothing of the token. */
export function tokenChecker(token: string): (header: string | undefined) => boolean {
  const expected = digest(token);
  return (header) => {
    const given = /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1];
    return given !== undefined && timingSafeEqual(digest(given), expected);
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
