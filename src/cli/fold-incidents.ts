import type { IncidentRecord } from '../domain.ts';

/** Incidents of one cause that overlap in time, as a storm of locks makes them: one condition to who reads the list. */
export interface IncidentRun {
  readonly incident: IncidentRecord;
  /** The others that overlap, newest first. */
  readonly others: readonly IncidentRecord[];
}

/** Fewer take no more lines each by itself. */
const FEWEST_TO_FOLD = 3;

/** Folds a page of incidents, newest first. What is open stands by itself: it is what one looks for. */
export function foldIncidents(page: readonly IncidentRecord[]): readonly IncidentRun[] {
  const runs: IncidentRecord[][] = [];
  let earliest = '';
  for (const incident of page) {
    const run = runs.at(-1);
    const [newest] = run ?? [];
    const { cause, startAt, endAt } = incident;
    if (run !== undefined && newest?.endAt != null && newest.cause === cause && endAt !== null && endAt >= earliest) {
      run.push(incident);
      if (startAt < earliest) earliest = startAt;
      continue;
    }
    runs.push([incident]);
    earliest = startAt;
  }
  return runs.flatMap((run) => (run.length < FEWEST_TO_FOLD ? run.map(alone) : [folded(run)]));
}

export function alone(incident: IncidentRecord): IncidentRun {
  return { incident, others: [] };
}

/** The one that explains most stands for them. */
function folded(run: readonly IncidentRecord[]): IncidentRun {
  const incident = run.reduce((most, one) => (one.failures > most.failures ? one : most));
  return { incident, others: run.filter((one) => one !== incident) };
}
