import type { PostgresErrorEvent } from '../../domain.ts';
import { classifyServerError } from '../causes/classify.ts';
import type { Root } from './diagnosis.ts';
import type { Sessions } from '../sessions/sessions.ts';

/**
 * The error that left a transaction aborted: of the same backend the last one that is not itself such a consequence. Null where the log does not
 * have it: no pid, an entry lost, or the backend's number given to a new session since.
 */
export function firstErrorOfTransaction(aborted: PostgresErrorEvent, sessions: Sessions): Root | null {
  for (const entry of sessions.before(aborted)) {
    if (entry.session !== null && aborted.session !== null && entry.session !== aborted.session) return null;
    if (entry.kind !== 'postgres_error') continue;
    // What ends a session ends its transaction: whatever stands before it was another one's.
    if (entry.severity !== 'ERROR') return null;
    const { row } = classifyServerError(entry);
    if (row.id !== 'transaction_aborted') return { cause: row.id, entry };
  }
  return null;
}
