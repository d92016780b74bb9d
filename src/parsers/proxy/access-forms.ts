import type { ZoneResolver } from '../../time/zone.ts';
import type { AccessForm, AccessLine } from './access-line.ts';
import { combinedAccess } from './combined-access.ts';
import { envoyAccess } from './envoy-access.ts';
import { haproxyAccess } from './haproxy-access.ts';
import { jsonAccess } from './json-access.ts';

/** A new proxy's form is one file and one entry here. */
const ACCESS_FORMS: readonly AccessForm[] = [jsonAccess, combinedAccess, envoyAccess, haproxyAccess];

/** Reads a line (decoded) of any known proxy; null when it is no response. */
export function readAccessLine(line: string, zones: ZoneResolver): AccessLine | null {
  for (const form of ACCESS_FORMS) {
    const response = form(line, zones);
    if (response !== null) return response;
  }
  return null;
}
