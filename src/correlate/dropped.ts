import type {
  DenokvEvent,
  DenokvNoteEvent,
  Dropped,
  DroppedCause,
  Evidence,
  PostgresContextEvent,
  ProxyResponseEvent,
  VerdictRoot,
} from '../domain.ts';
import { formatUtc } from '../time/rfc3339.ts';
import { absencesOf } from './absences.ts';
import { align } from './align.ts';
import { bandByTime } from './band.ts';
import { certaintyOf, roundProbability } from './certainty.ts';
import { createDelayModel, widthOf } from './delay.ts';
import { DROPPED_REMEDIES } from './dropped-causes.ts';
import { logOdds } from './evidence.ts';
import type { Identity } from './identity.ts';
import { droppedId } from './identifiers.ts';
import { intervalOf, type Interval } from './interval.ts';
import { lockWaitsWithin } from './lock-waits.ts';
import { panicsOf, type Panic } from './panics.ts';
import type { Sessions } from './sessions.ts';
import { shortened } from './statements.ts';
import type { Window } from './window.ts';

/** A dropped request with the line that shows it and when it was, for whoever orders or settles them. */
export interface DroppedRequest {
  readonly dropped: Omit<Dropped, 'episode'>;
  readonly event: ProxyResponseEvent | DenokvNoteEvent;
  readonly interval: Interval | null;
}

export interface DroppedScene {
  readonly sessions: Sessions;
  /** What is taken from the proxy's times to bring them to denokv's clock. */
  readonly proxyOffsetUs: number;
  /** What is added to Postgres' times to bring them to denokv's clock. */
  readonly clockOffsetUs: number;
  readonly identity: Identity;
}

interface Unanswered {
  readonly event: ProxyResponseEvent;
  readonly interval: Interval | null;
}

/** What a proxy says for a server that gave no answer: none, none free, none in time. */
const UNANSWERED: ReadonlySet<number> = new Set([502, 503, 504]);
const TIMED_OUT = 504;
/** A refusal takes milliseconds; what took so long was let in. */
const HUNG_MS = 5000;

/** Chances that a panic has no line in the proxy's log (the client came past it), and that a refusal is none of the panics seen. */
const PANIC_BYPASSES = 0.01;
const REFUSALS_PER_SECOND = { inAbsence: 10, else: 0.01 } as const;
const REACH_US = 3_000_000;

const CONFIDENCE = {
  panicAlone: 0.9,
  waited: 0.95,
  hung: 0.9,
  absent: 0.97,
  refused: 0.85,
  withoutDenokv: 0.7,
} as const;
/** Below this a panic is not taken for the reason of a refusal. */
const MIN_PANIC = 0.5;

export function isUnanswered({ status }: ProxyResponseEvent): boolean {
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

/** What is said of one dropped request, before it is dressed. */
interface Told {
  readonly event: ProxyResponseEvent | DenokvNoteEvent;
  readonly interval: Interval | null;
  readonly id: DroppedCause;
  readonly summary: string;
  readonly confidence: number;
  readonly root: VerdictRoot | null;
  readonly evidence: readonly Evidence[];
}

interface PanicMatch {
  readonly panic: Panic;
  readonly probability: number;
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

function tell(
  response: Unanswered,
  match: PanicMatch | undefined,
  start: DenokvEvent | undefined,
  window: Window,
  scene: DroppedScene,
): Told {
  const { event } = response;
  const answered: Evidence = {
    rule: 'proxy_status',
    weight: 3,
    says: `the proxy answered ${String(event.status)}${event.durationMs === null ? '' : ` after ${String(Math.round(event.durationMs))} ms`}: denokv gave it no answer`,
  };
  if (match !== undefined)
    return {
      ...response,
      id: 'panic',
      summary: panicSummary(match.panic),
      confidence: match.probability,
      root: rootOfPanic(match.panic),
      evidence: [
        { rule: 'panic', weight: logOdds(match.probability), says: `denokv panicked then: ${lastLineOf(match.panic)}` },
        answered,
      ],
    };
  if (event.status === TIMED_OUT || (event.durationMs ?? 0) >= HUNG_MS) return tellOfHang(response, answered, scene);
  const refused = { ...response, id: 'unreachable' as const };
  if (start === undefined)
    return {
      ...refused,
      summary: 'denokv did not take the request: nothing listened, or it ended over it',
      confidence: window.coverage.denokv === null ? CONFIDENCE.withoutDenokv : CONFIDENCE.refused,
      root: null,
      evidence: [answered],
    };
  return {
    ...refused,
    summary: 'denokv was away: it was started again only after this',
    confidence: CONFIDENCE.absent,
    root: { cause: 'denokv_start', ...placeOf(start), text: start.text },
    evidence: [
      { rule: 'denokv_start', weight: logOdds(CONFIDENCE.absent), says: `it came back later: ${start.text}` },
      answered,
    ],
  };
}

/** A request that was let in and not answered: what its time shows waiting for a lock is taken for what it waited for. */
function tellOfHang({ event, interval }: Unanswered, answered: Evidence, scene: DroppedScene): Told {
  const startedUs = interval === null ? null : interval.fromUs - (event.durationMs ?? HUNG_MS) * 1000;
  const waits =
    interval === null || startedUs === null
      ? []
      : lockWaitsWithin(scene.sessions, startedUs - scene.clockOffsetUs, interval.toUs - scene.clockOffsetUs);
  const wait = waits.findLast(({ entry }) => isOurs(entry, scene.identity));
  const base = { event, interval, id: 'hang' as const };
  if (wait === undefined)
    return {
      ...base,
      summary:
        'denokv took the request and did not answer in time; no log shows what it waited for (its pool waits for a free connection without end and without a word)',
      confidence: CONFIDENCE.hung,
      root: null,
      evidence: [answered],
    };
  const [holder] = wait.holders;
  const statement = holder === undefined ? null : scene.sessions.lastStatement(holder, wait.entry);
  const held = holder === undefined ? '' : `, held by pid ${String(holder)}`;
  return {
    ...base,
    summary: `denokv took the request and did not answer in time; a session of its waited for ${wait.lock}${held}`,
    confidence: CONFIDENCE.waited,
    root: { cause: 'lock_wait', ...placeOf(wait.entry), text: `${wait.entry.severity}:  ${wait.entry.message}` },
    evidence: [
      {
        rule: 'lock_wait',
        weight: logOdds(CONFIDENCE.waited),
        says: `${wait.entry.message}${statement === null ? '' : `; the holder was last seen with: ${shortened(statement)}`}`,
      },
      answered,
    ],
  };
}

function isOurs({ user, application }: PostgresContextEvent, { users, applications }: Identity): boolean {
  const fits = (names: ReadonlySet<string>, name: string | null): boolean =>
    names.size === 0 || name === null || names.has(name);
  return fits(users, user) && fits(applications, application);
}

function tellOfPanic(panic: Panic): Told {
  return {
    event: panic.event,
    interval: panic.interval,
    id: 'panic',
    summary: panicSummary(panic),
    confidence: CONFIDENCE.panicAlone,
    root: rootOfPanic(panic),
    evidence: [
      { rule: 'panic', weight: logOdds(CONFIDENCE.panicAlone), says: `denokv panicked: ${lastLineOf(panic)}` },
    ],
  };
}

function panicSummary(panic: Panic): string {
  return `denokv panicked over the request and closed it without an answer: ${lastLineOf(panic)}`;
}

/** The thread and the place stand in a panic's first line, what it is about in the next. */
function lastLineOf({ event }: Panic): string {
  const [first = '', message] = event.text.split('\n');
  return message ?? first;
}

function rootOfPanic({ event, cause }: Panic): VerdictRoot {
  return { cause: cause ?? 'panic', ...placeOf(event), text: event.text };
}

function placeOf({ citation: { file, line } }: Pick<DenokvEvent | PostgresContextEvent, 'citation'>): {
  readonly file: string;
  readonly line: number;
} {
  return { file, line };
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
