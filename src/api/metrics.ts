import { Counter, Gauge, Registry } from 'prom-client';
import type { Certainty, SourceStatus, Verdict } from '../domain.ts';

/** What is measured when it is asked for. */
export interface MetricsFacts {
  readonly version: string;
  readonly sources: () => readonly SourceStatus[];
  readonly databaseBytes: () => number;
  readonly openIssues: () => number;
  readonly openIncidents: () => number;
  readonly streamClients: () => number;
  readonly nowMs: () => number;
}

export interface Metrics {
  /** To be told of each failure that became final. */
  readonly countFailure: (verdict: Verdict) => void;
  readonly show: () => Promise<string>;
}

/** Prometheus' view of the daemon. No id is ever a label: a label's values are paths, kinds, causes and certainties, all of them few. */
export function createMetrics(facts: MetricsFacts): Metrics {
  const registry = new Registry();
  const failures = new Counter({
    name: 'whyd_failures_total',
    help: 'Failures that became final since the start, by cause and certainty.',
    labelNames: ['cause', 'certainty'] as const,
    registers: [registry],
  });
  addSourceGauges(registry, facts);
  addGauge(registry, 'whyd_database_bytes', 'Size of the index.', facts.databaseBytes);
  addGauge(registry, 'whyd_issues_open', 'Issues that are open.', facts.openIssues);
  addGauge(registry, 'whyd_incidents_open', 'Incidents that are open.', facts.openIncidents);
  addGauge(registry, 'whyd_stream_clients', 'Clients that follow the stream.', facts.streamClients);
  const build = new Gauge({
    name: 'whyd_build_info',
    help: 'Always 1.',
    labelNames: ['version', 'node'] as const,
    registers: [registry],
  });
  build.set({ version: facts.version, node: process.version }, 1);
  return {
    countFailure: ({ cause }) => {
      const certainty: Certainty = cause.certainty;
      failures.inc({ cause: cause.id, certainty });
    },
    show: () => registry.metrics(),
  };
}

type SourceMeasure = (source: SourceStatus, nowMs: number) => number | null;

const SOURCE_GAUGES: readonly { readonly name: string; readonly help: string; readonly measure: SourceMeasure }[] = [
  { name: 'whyd_source_lines', help: 'Lines read of a log.', measure: ({ counts }) => counts.lines },
  { name: 'whyd_source_events', help: 'Events found in a log.', measure: ({ counts }) => counts.events },
  {
    name: 'whyd_source_unrecognised_lines',
    help: 'Lines of a log that could not be parsed.',
    measure: ({ counts }) => counts.unrecognised,
  },
  {
    name: 'whyd_source_lag_bytes',
    help: 'Bytes of a log that are still to be read.',
    measure: ({ lagBytes }) => lagBytes,
  },
  { name: 'whyd_source_gaps', help: 'Times that bytes of a log were lost.', measure: ({ gaps }) => gaps },
  {
    name: 'whyd_source_newest_event_age_seconds',
    help: 'How long ago the newest event of a log was written.',
    measure: ({ newestAt }, nowMs) => (newestAt === null ? null : (nowMs - Date.parse(newestAt)) / 1000),
  },
  {
    name: 'whyd_source_failing',
    help: '1 while a log cannot be read.',
    measure: ({ state }) => Number(state === 'failing'),
  },
];

function addSourceGauges(registry: Registry, { sources, nowMs }: MetricsFacts): void {
  for (const { name, help, measure } of SOURCE_GAUGES) {
    const gauge = new Gauge({
      name,
      help,
      labelNames: ['kind', 'path'] as const,
      registers: [registry],
      collect() {
        gauge.reset();
        for (const source of sources()) {
          const value = measure(source, nowMs());
          if (value !== null) gauge.set({ kind: source.kind, path: source.path }, value);
        }
      },
    });
  }
}

function addGauge(registry: Registry, name: string, help: string, measure: () => number): void {
  const gauge = new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      gauge.set(measure());
    },
  });
}
