import type { FoundLog } from './found-log.ts';
import type { HostFiles } from './host-files.ts';
import type { Unit } from './units.ts';

const FILES: readonly string[] = [
  '/var/log/denokv/*.log',
  '/var/log/denokv.log',
  '/var/log/denokv/current',
  '/var/lib/denokv/*.log',
];

/** The log of a unit is the journal, unless the unit sends it to a file. */
export function findDenokv(files: HostFiles, units: readonly Unit[]): readonly FoundLog[] {
  const ofUnits = units.map(({ name, logFile }): FoundLog =>
    logFile === null
      ? { kind: 'denokv', paths: [], journalUnit: name, how: 'the journal of its unit' }
      : { kind: 'denokv', paths: [files.at(logFile)], how: `where its unit ${name} writes` },
  );
  if (ofUnits.length > 0) return ofUnits;
  return FILES.flatMap((pattern) =>
    files.match(pattern).length === 0
      ? []
      : [{ kind: 'denokv', paths: [files.at(pattern)], how: 'the usual folder' } satisfies FoundLog],
  );
}
