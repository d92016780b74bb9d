import type { RouteParts } from '../api/app-parts.ts';
import type { Metrics } from '../api/metrics.ts';
import type { StreamHub } from '../api/stream-hub.ts';
import { nearestWord } from '../config/nearest-word.ts';
import { catalogue, causeById } from '../correlate/causes/catalogue.ts';
import type { EventRecord, LogEvent } from '../domain.ts';
import { toEventRow } from '../query/event-row.ts';
import { statsOf } from '../query/stats.ts';
import { timelineOf } from '../query/timeline.ts';
import { answerWhy } from '../query/why.ts';
import type { SavedRound, WhydIndex } from '../store/whyd-index.ts';
import { systemClock } from '../time/system-clock.ts';

/** What the API's routes ask, answered from an index. @param now wall clock, milliseconds */
export function answersFrom(
  index: WhydIndex,
  now: () => number = Date.now,
): Omit<RouteParts, 'stream' | 'metrics' | 'health' | 'version' | 'clock' | 'web'> {
  return {
    failures: {
      page: (filter, page) => index.failuresAsJson(filter, page),
      byId: (id) => index.failureAsJson(id),
    },
    reader: index,
    why: (query) => answerWhy(index, query, systemClock()),
    timeline: (verdict, windowUs) => timelineOf(index, verdict, windowUs),
    issues: {
      page: (filter, page) => index.issues.page(filter, page, now()),
      byId: (id) => index.issues.byId(id, now()),
      take: (id, step) => index.transaction(() => index.issues.take(id, step, now())),
    },
    incidents: {
      page: (filter, page) => index.incidents.page(filter, page, now()),
      byId: (id) => index.incidents.byId(id, now()),
    },
    events: {
      page: (filter, page) => {
        const { items, nextCursor } = index.events(filter, page);
        return { items: items.map(({ id, event }) => recordOf(id, event)), nextCursor };
      },
      byId: (id) => {
        const event = index.eventById(id);
        return event === null ? null : recordOf(id, event);
      },
    },
    markers: {
      add: (text, atUs) => index.transaction(() => index.markers.add(text, atUs)),
      between: (sinceUs, untilUs) => index.markers.between(sinceUs, untilUs),
    },
    stats: (request) =>
      statsOf(index.stats, {
        ...request,
        categoryOf: (cause) => causeById(cause)?.category ?? 'unknown',
        open: { openIssues: index.issues.countOpen(now()), openIncidents: index.incidents.countOpen(now()) },
      }),
    misspelt: (cause) => (causeById(cause) === null ? { nearest: nearestWord(cause, CAUSE_IDS) } : null),
  };
}

const CAUSE_IDS = catalogue.map(({ id }) => id);

function recordOf(id: number, event: LogEvent): EventRecord {
  return { id, ...toEventRow(event) };
}

/**
 * Tells the stream and the metrics what a round of the joiner changed, a piece each step: a round of a busy minute holds hundreds. An issue or incident is
 * told as it now is, however often it changed.
 */
export function* tellRound(
  index: WhydIndex,
  stream: StreamHub,
  metrics: Metrics,
  { fresh, revised, settled, issueIds, incidentIds }: SavedRound,
): Generator<void> {
  const told = new Set(fresh.map(({ id }) => id));
  for (const verdict of settled) metrics.countFailure(verdict);
  for (const verdict of fresh) {
    stream.publish('failure', verdict);
    yield;
  }
  const changed = new Map([...revised, ...settled].map((verdict) => [verdict.id, verdict] as const));
  for (const [id, verdict] of changed) {
    if (told.has(id)) continue;
    stream.publish('verdict.revised', verdict);
    yield;
  }
  for (const id of issueIds) {
    const issue = index.issues.byIdBriefly(id, Date.now());
    if (issue !== null) stream.publish('issue', issue);
    yield;
  }
  for (const id of incidentIds) {
    const incident = index.incidents.byId(id, Date.now());
    if (incident !== null) stream.publish('incident', incident);
    yield;
  }
}
