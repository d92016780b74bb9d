import { backupIndex } from './store/backup-index.ts';
import { checkIndex, type IndexFinding } from './store/check-index.ts';

export type { IndexFinding } from './store/check-index.ts';

/** What an operator does with an index beside the daemon. */
export interface Maintenance {
  readonly check: (path: string) => readonly IndexFinding[];
  readonly backup: (path: string, target: string) => Promise<void>;
}

export const maintenance: Maintenance = { check: checkIndex, backup: backupIndex };
