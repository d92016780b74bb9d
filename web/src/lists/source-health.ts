import type { SourceStatus } from '../../../src/domain.ts';
import { formatBytes, formatCount } from '../text/format.ts';

/** How a log is doing: `bad` hides failures or their causes, `busy` will pass. */
export type Health = 'good' | 'busy' | 'bad';

export interface HealthReport {
  readonly health: Health;
  readonly mark: string;
  readonly words: string;
}

const MARKS: Readonly<Record<Health, string>> = { good: '✓', busy: '…', bad: '▲' };
/** Less than this behind is the block that is being written just now. */
const SMALL_LAG_BYTES = 64 * 1_024;

export function healthOf(source: SourceStatus): HealthReport {
  const { state, reason, lagBytes, gaps } = source;
  const report = (health: Health, words: string): HealthReport => ({ health, mark: MARKS[health], words });
  if (state === 'failing') return report('bad', reason ?? 'cannot be read');
  if (gaps > 0) return report('bad', `${formatCount(gaps, 'gap')}: some lines were lost before they were read`);
  if (state === 'waiting') return report('bad', reason ?? 'the file is not there yet');
  if (source.detection === null && source.sizeBytes > 0) return report('bad', 'its format is not recognised');
  if (lagBytes > SMALL_LAG_BYTES) return report('busy', `${formatBytes(lagBytes)} still to be read`);
  return report('good', reason ?? (state === 'reading' ? 'read' : 'followed to its end'));
}
