import { englishOf } from '../causes/english.ts';
import type { Evidence } from '../../domain.ts';
import type { SessionEntry } from './sessions.ts';

/** The same number in the same minute is as good as proof. */
const PROVED = 9.21;
const VICTIM = /Kill(?:ed)? process (\d+) \(|,pid=(\d+)\b/;
const CRASHED = /\(PID (\d+)\)/;
/** The kernel writes before the postmaster has noticed; the two logs may stamp a little apart. */
const NEAR_US = 60_000_000;

/** That the kernel killed the process of this crash, as its log says it: same number, same minute. */
export function kernelKillOf(crash: SessionEntry, kills: readonly SessionEntry[]): Evidence[] {
  const pid = CRASHED.exec(englishOf(crash.message))?.[1];
  const kill = kills.find(({ message, at }) => {
    const victim = VICTIM.exec(message);
    const isNear = at === null || crash.at === null || Math.abs(at.us - crash.at.us) <= NEAR_US;
    return isNear && pid !== undefined && (victim?.[1] ?? victim?.[2]) === pid;
  });
  if (kill === undefined) return [];
  const { file, line } = kill.citation;
  const says = `the kernel killed it because memory ran out: ${kill.message} (${file}:${String(line)})`;
  return [{ rule: 'kernel_oom', weight: PROVED, says }];
}
