import type {
  DenokvEvent,
  DenokvNoteEvent,
  DroppedCause,
  Evidence,
  PostgresContextEvent,
  ProxyResponseEvent,
  VerdictRoot,
} from '../../domain.ts';
import { logOdds } from '../diagnosis/evidence.ts';
import type { Identity } from '../identity/identity.ts';
import type { Interval } from '../timing/interval.ts';
import { lockWaitsWithin } from '../sessions/lock-waits.ts';
import type { Panic } from './panics.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { shortened } from '../identity/statements.ts';
import type { Window } from '../window.ts';

export interface DroppedScene {
  readonly sessions: Sessions;
  /** What is taken from the proxy's times to bring them to denokv's clock. */
  readonly proxyOffsetUs: number;
  /** What is added to Postgres' times to bring them to denokv's clock. */
  readonly clockOffsetUs: number;
  readonly identity: Identity;
}

export interface Unanswered {
  readonly event: ProxyResponseEvent;
  readonly interval: Interval | null;
}

export const TIMED_OUT = 504;
/** A refusal takes milliseconds; what took so long was let in. */
const HUNG_MS = 5000;

const CONFIDENCE = {
  panicAlone: 0.9,
  waited: 0.95,
  hung: 0.9,
  absent: 0.97,
  refused: 0.85,
  withoutDenokv: 0.7,
} as const;

/** What is said of one dropped request, before it is dressed. */
export interface Told {
  readonly event: ProxyResponseEvent | DenokvNoteEvent;
  readonly interval: Interval | null;
  readonly id: DroppedCause;
  readonly summary: string;
  readonly confidence: number;
  readonly root: VerdictRoot | null;
  readonly evidence: readonly Evidence[];
}

export interface PanicMatch {
  readonly panic: Panic;
  readonly probability: number;
}

/** Puts a request down to a panic, a hang or an absence of denokv's. */
export function tell(
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

export function tellOfPanic(panic: Panic): Told {
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
