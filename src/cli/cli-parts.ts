import type { ExitCode } from '../errors.ts';
import type { Clock } from '../time/parse-time.ts';
import type { Terminal } from './terminal.ts';

/** What every verb is given. */
export interface CliParts {
  readonly terminal: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: () => Clock;
  /** For outcomes that are no errors: no match, ambiguous. */
  readonly setExitCode: (code: ExitCode) => void;
}
