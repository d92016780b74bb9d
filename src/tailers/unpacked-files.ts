import type { FileIdentity } from '../domain.ts';
import { fullKey } from './file-identity.ts';

/** Where the content of an archive lies, for as long as it is being read. Whoever opens such a file opens that one. */
const places = new Map<string, string>();

export function unpackedPlace(identity: FileIdentity): string | null {
  return places.get(fullKey(identity)) ?? null;
}

export function setUnpackedPlace(identity: FileIdentity, place: string): void {
  places.set(fullKey(identity), place);
}

/** @returns the place that it had */
export function forgetUnpackedPlace(identity: FileIdentity): string | null {
  const place = unpackedPlace(identity);
  places.delete(fullKey(identity));
  return place;
}
