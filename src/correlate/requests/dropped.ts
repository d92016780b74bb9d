import type { DenokvNoteEvent, Dropped, ProxyResponseEvent } from '../../domain.ts';
import { formatUtc } from '../../time/rfc3339.ts';
import { absencesOf } from './absences.ts';
import { align } from '../matching/align.ts';
import { bandByTime } from '../matching/band.ts';
import { certaintyOf, roundProbability } from '../diagnosis/certainty.ts';
import { createDelayModel, widthOf } from '../timing/delay.ts';
import { DROPPED_REMEDIES } from './dropped-causes.ts';
import {
  tell,
  tellOfPanic,
  TIMED_OUT,
  type DroppedScene,
  type PanicMatch,
  type Told,
  type Unanswered,
} from './dropped-reasons.ts';
import { droppedId } from '../identifiers.ts';
import { intervalOf, type Interval } from '../timing/interval.ts';
import { panicsOf, type Panic } from './panics.ts';
import type { Window } from '../window.ts';

/** A dropped request with the line that shows it and when it was, for whoever orders or settles them. */
export interface DroppedRequest {
  readonly dropped: Omit<Dropped, 'episode'>;
  readonly event: ProxyResponseEvent | DenokvNoteEvent;
  readonly interval: Interval | null;
}

/** What a proxy says for a server that gave no answer: none, none free, none in time. */
const UNANSWERED: ReadonlySet<number> = new Set([502, 503, 504]);
/** Chances that a panic has no line in the proxy's log (the client came past it), and that a refusal is none of the panics seen. */
const PANIC_BYPASSES = 0.01;
const REFUSALS_PER_SECOND = { inAbsence: 10, else: 0.01 } as const;
const REACH_US = 3_000_000;

/** Below this a panic is not taken for the reason of a refusal. */
const MIN_PANIC = 0.5;

function isUnanswered({ status }: ProxyResponseEvent): boolean {
  return UNANSWERED.has(status);
}

/** Every request that denokv gave no answer to, in order of time: by the proxy's word, and by denokv's panics. */
export function droppedOf(window: Window, scene: DroppedScene): DroppedRequest[] {
  const panics = panicsOf(window.denokv);
  const responses = window.proxy
    .filter(isUnanswered)
    .map((event): Unanswered => ({ event, interval: event.at && intervalOf(event.at, -scene.proxyOffsetUs) }));
  const absences = absencesOf(responses, window.denokv);
  const panicked = panicsBehind(panics, responses, (response) => absences.has(response));
  const known = new Set([...panicked.values()].map(({ panic }) => panic));
  const ordinals = new Map<string, number>();
  const told = [
    ...responses.map((response): Told => tell(response, panicked.get(response), absences.get(response), window, scene)),
    ...panics.filter((panic) => !known.has(panic)).map(tellOfPanic),
  ];
  return told.sort(byTime).map((one) => dress(one, ordinals));
}

/** Gives refusals their panics: one to one, in order of time. */
function panicsBehind(
  panics: readonly Panic[],
  responses: readonly Unanswered[],
  isAbsence: (response: Unanswered) => boolean,
): ReadonlyMap<Unanswered, PanicMatch> {
  const short = responses.filter(({ event }) => event.status !== TIMED_OUT);
  const delay = createDelayModel();
  const { pairs } = align({
    rows: panics.length,
    columns: short.length,
    pair: (row, column) => {
      const panic = panics[row]?.interval;
      const response = short[column]?.interval;
      return panic == null || response == null ? 0.5 : delay(panic, response);
    },
    skipRow: () => PANIC_BYPASSES,
    skipColumn: (column) => {
      const response = short[column];
      const perSecond = REFUSALS_PER_SECOND[response !== undefined && isAbsence(response) ? 'inAbsence' : 'else'];
      return response?.interval == null ? perSecond : (perSecond * widthOf(response.interval)) / 1_000_000;
    },
    band: bandByTime(panics, short, { before: REACH_US, after: REACH_US }),
  });
  const found = new Map<Unanswered, PanicMatch>();
  for (const [row, panic] of panics.entries()) {
    const best = pairs[row]?.[0];
    const response = short[best?.column ?? -1];
    if (best !== undefined && response !== undefined && best.probability >= MIN_PANIC)
      found.set(response, { panic, probability: best.probability });
  }
  return found;
}

function byTime(a: Told, b: Told): number {
  return (a.interval?.fromUs ?? 0) - (b.interval?.fromUs ?? 0) || (a.event.kind < b.event.kind ? -1 : 1);
}

function dress({ event, interval, id, summary, ...told }: Told, ordinals: Map<string, number>): DroppedRequest {
  const response = event.kind === 'proxy_response' ? event : null;
  const text =
    event.kind === 'proxy_response'
      ? `${event.method ?? '-'} ${event.path ?? '-'} ${String(event.status)}`
      : event.text;
  const key = `${String(event.at?.us)}\0${text}\0${response?.requestId ?? ''}`;
  const ordinal = ordinals.get(key) ?? 0;
  ordinals.set(key, ordinal + 1);
  const { file, line, byteStart, byteEnd } = event.citation;
  const confidence = roundProbability(told.confidence);
  return {
    event,
    interval,
    dropped: {
      kind: 'dropped',
      id: droppedId(event, key, ordinal),
      at: event.at === null ? null : formatUtc(event.at.us),
      atPrecision: event.at?.precision ?? null,
      status: response?.status ?? null,
      operation: response?.operation ?? null,
      requestId: response?.requestId ?? null,
      client: response?.client ?? null,
      durationMs: response?.durationMs ?? null,
      symptom: { source: response === null ? 'denokv' : 'proxy', file, line, byteStart, byteEnd, text },
      cause: { id, summary, confidence, certainty: certaintyOf(id, confidence) },
      root: told.root,
      evidence: told.evidence,
      remedies: DROPPED_REMEDIES[id],
    },
  };
}
