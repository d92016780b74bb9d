import { realpathSync } from 'node:fs';
import { HostFiles } from './discovery/host-files.ts';
import { linePrefixOf } from './discovery/line-prefix.ts';

/** The `log_line_prefix` that the server which writes a log is configured with, where this user may read that. A hint: the lines themselves have the last word. */
export function serverPrefix(log: string): string | null {
  try {
    return linePrefixOf(new HostFiles('/'), realpathSync(log));
  } catch {
    return null;
  }
}
