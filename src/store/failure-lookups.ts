import type { Database } from 'better-sqlite3';
import { IncidentSpan } from './incident-span.ts';
import { VerdictsById } from './verdicts-by-id.ts';
import { WordEndings } from './word-endings.ts';

/** What lists and groups of failures both ask for on their way. */
export interface FailureLookups {
  readonly endings: WordEndings;
  readonly verdicts: VerdictsById;
  readonly spans: IncidentSpan;
}

export function failureLookups(database: Database): FailureLookups {
  return {
    endings: new WordEndings(database),
    verdicts: new VerdictsById(database),
    spans: new IncidentSpan(database),
  };
}
