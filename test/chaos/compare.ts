import { analyze } from '../../src/analyze.ts';
import type { LogEvent, Verdict } from '../../src/domain.ts';
import { parseLogs } from '../../src/parse.ts';
import { openIndex } from '../../src/store/open-index.ts';
import type { WhydIndex } from '../../src/store/whyd-index.ts';

/** What must be the same whether a log was followed through kills and rotations or read whole: all but the file's name and id. */
export interface Contents {
  readonly events: readonly string[];
  readonly failures: readonly string[];
}

export interface Difference {
  readonly missing: readonly string[];
  readonly surplus: readonly string[];
  readonly total: number;
}

export const SAME = { missing: [], surplus: [], total: 0 } as const;

/** What one list lacks of the other and has beyond it: the first of each, for a failure that can be read. */
export function difference(actual: readonly string[], expected: readonly string[]): Difference {
  const [have, want] = [new Set(actual), new Set(expected)];
  const missing = expected.filter((one) => !have.has(one));
  const surplus = actual.filter((one) => !want.has(one));
  const repeated = actual.length - have.size - (expected.length - want.size);
  return {
    missing: missing.slice(0, 5),
    surplus: surplus.slice(0, 5),
    total: missing.length + surplus.length + repeated,
  };
}

function eventLine(event: LogEvent): string {
  const { citation, ...rest } = event;
  const { line, lines, byteStart, byteEnd } = citation;
  return JSON.stringify([line, lines, byteStart, byteEnd, rest]);
}

function failureLine({ symptom, postgres, cause, operation }: Verdict): string {
  const entry = postgres === null ? null : [postgres.line, postgres.byteStart, postgres.text];
  return JSON.stringify([symptom.text, symptom.line, symptom.byteStart, cause.id, operation, entry]);
}

export function readIndex(path: string): Contents & { readonly gaps: readonly LogEvent[]; readonly open: number } {
  const index = openIndex(path, { readOnly: true });
  try {
    const events = allEvents(index);
    return {
      events: events
        .filter(({ kind }) => kind !== 'gap')
        .map(eventLine)
        .sort(),
      failures: allFailures(index).map(failureLine).sort(),
      gaps: events.filter((event) => event.kind === 'gap' && event.bytesLost !== 0),
      open: index.openSymptoms().length,
    };
  } finally {
    index.close();
  }
}

/** @param paths a source's older files before its newer ones */
export async function readWhole(paths: readonly string[]): Promise<Contents> {
  const events: string[] = [];
  await parseLogs(paths, {
    timezone: null,
    linePrefix: null,
    keepStatements: false,
    onEvents: (some) => {
      events.push(...some.map(eventLine));
    },
  });
  const { verdicts } = await analyze(paths, { timezone: null, linePrefix: null, sinceUs: null, untilUs: null });
  return { events: events.sort(), failures: verdicts.map(failureLine).sort() };
}

function allEvents(index: WhydIndex): LogEvent[] {
  const events: LogEvent[] = [];
  for (let page = index.eventsAfter(0); page.length > 0; page = index.eventsAfter(page.at(-1)?.id ?? 0)) {
    events.push(...page.map(({ event }) => event));
  }
  return events;
}

function allFailures(index: WhydIndex): Verdict[] {
  const failures: Verdict[] = [];
  let cursor: string | null = null;
  do {
    const page = index.failures({}, { limit: 1000, cursor });
    failures.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return failures;
}
