import type { IncidentRecord } from '../../../src/domain.ts';

/** Incidents of one cause that overlap in time, as a storm of locks makes them: to who reads the page one condition. */
export interface IncidentRun {
  /** The one that explains most. */
  readonly shown: IncidentRecord;
  /** Newest first. */
  readonly others: readonly IncidentRecord[];
}

/** Fewer are no longer to read than what would be said of them. */
const FEWEST = 3;

/** Puts incidents, newest first, into runs, as `whyd incidents` does (src/cli/fold-incidents.ts). One that is open stands alone: it is what one looks for. */
export function incidentRuns(incidents: readonly IncidentRecord[]): readonly IncidentRun[] {
  const runs: IncidentRecord[][] = [];
  let earliest = '';
  for (const incident of incidents) {
    const run = runs.at(-1);
    const { cause, startAt, endAt } = incident;
    const isPart = run?.[0]?.cause === cause && run[0].endAt !== null && endAt !== null && endAt >= earliest;
    if (isPart) run.push(incident);
    else runs.push([incident]);
    earliest = isPart && earliest < startAt ? earliest : startAt;
  }
  return runs.flatMap((run) => (run.length < FEWEST ? run.map((shown) => ({ shown, others: [] })) : [folded(run)]));
}

function folded(run: readonly IncidentRecord[]): IncidentRun {
  const shown = run.reduce((most, one) => (one.failures > most.failures ? one : most));
  return { shown, others: run.filter((one) => one !== shown) };
}
