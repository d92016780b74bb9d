import type { LogEvent } from '../../src/domain.ts';
import type { Window } from '../../src/correlate/window.ts';
import { parseLogs } from '../../src/parse.ts';

/** All events of a capture's logs, in the order in which the parsers gave them. */
export async function eventsOf(paths: readonly string[]): Promise<LogEvent[]> {
  const all: LogEvent[] = [];
  await parseLogs(paths, {
    timezone: null,
    linePrefix: null,
    keepStatements: false,
    onEvents: (events) => all.push(...events),
  });
  return all;
}

export function windowOf(events: readonly LogEvent[]): Window {
  const whole = { gaps: [], completeUntilUs: null };
  return {
    denokv: events.filter((event) => event.kind === 'denokv_error' || event.kind === 'denokv_note'),
    postgres: events.filter((event) => event.kind === 'postgres_error' || event.kind === 'postgres_context'),
    proxy: events.filter((event) => event.kind === 'proxy_response'),
    coverage: { denokv: whole, postgres: whole },
  };
}
