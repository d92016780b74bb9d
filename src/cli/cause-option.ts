import { Option } from 'commander';
import { nearestWord } from '../config/nearest-word.ts';
import { EXIT, WhydError } from '../errors.ts';

/** Which causes there are is known to the catalogue alone, which is loaded only where one was named. */
export type KnownCauses = () => Promise<readonly string[]>;

export function causeOption(): Option {
  return new Option('--cause <id>', 'of this cause, such as deadlock');
}

/** A mistyped cause must not look like one that never happened. Throws WhydError `cause.unknown` (exit 2). */
export async function checkCause(cause: string | undefined, known: KnownCauses): Promise<void> {
  if (cause === undefined) return;
  const causes = await known();
  if (causes.includes(cause)) return;
  const nearest = nearestWord(cause, causes);
  throw new WhydError('cause.unknown', `there is no cause "${cause}"`, {
    hint: nearest === null ? `Known: ${[...causes].sort().join(', ')}.` : `Did you mean ${nearest}?`,
    exitCode: EXIT.usage,
  });
}
