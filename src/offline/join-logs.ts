import { correlate, type Correlation } from '../correlate/correlate.ts';
import { EVERYTHING, type Core } from '../correlate/core.ts';
import type { Identity } from '../correlate/identity/identity.ts';
import { IncidentBook } from '../correlate/incidents/incident-book.ts';
import { incidentsOf } from '../correlate/incidents/incidents.ts';
import type { JudgedFailure } from '../correlate/verdict.ts';
import { isJoined, windowOf, type JoinedEvent, type WindowCoverage } from '../correlate/window.ts';
import type { Episode, Incident, LogEvent } from '../domain.ts';
import type { KnownLog, LogBook } from './log-book.ts';
import { readAgain, type ParseOptions } from '../parse.ts';
import { SideBySide, type Placed } from './side-by-side.ts';

/** One stretch of the logs, joined. */
export type Part = Pick<Correlation, 'failures' | 'dropped'>;

export interface JoinedLogs {
  readonly incidents: readonly Incident[];
  readonly identity: Identity;
}

export interface JoinOptions extends Pick<ParseOptions, 'timezone' | 'linePrefix'> {
  /** Up to so many events are joined at one stroke; of more, half as many make a piece. */
  readonly maxJoinedEvents: number;
}

/** So long behind a piece its failures may still be settled by: the other log's line, an answer, the next attempt. */
const LOOK_AHEAD_US = 12_000_000;
/** So long before a piece the entries are kept that its failures may rest on: lock waits and transactions last a few minutes at most. */
const LOOK_BACK_US = 180_000_000;
/** The same for denokv's and the proxy's lines, which only compete for entries. */
const LINES_BACK_US = 60_000_000;
const SECOND_US = 1_000_000;

/**
 * Joins logs that were read once. Few events are joined as they are; many are laid side by side in order of time, from where they are held or read again
 * for it, and joined in pieces that overlap. `take` gets each piece when it is done, and nothing of it is kept.
 */
export async function joinLogs(
  book: LogBook,
  coverage: WindowCoverage,
  options: JoinOptions,
  take: (part: Part) => void,
): Promise<JoinedLogs> {
  // Logs that were put together out of order have no piece that one could begin with.
  if (book.count > options.maxJoinedEvents && book.isOrdered) return joinInPieces(book, coverage, options, take);
  const events: JoinedEvent[] = [];
  for (const log of book.logs)
    for await (const some of eventsOf(log, book, options)) events.push(...some.filter(isJoined));
  const joined = correlate(windowOf(events, coverage));
  take(joined);
  return joined;
}

/** From where they are held, or from the log itself. */
async function* eventsOf(log: KnownLog, book: LogBook, options: JoinOptions): AsyncGenerator<readonly LogEvent[]> {
  if (book.holdsAll) yield* book.given(log.fileId);
  else yield* readAgain(log, { ...options, keepStatements: false });
}

async function joinInPieces(
  book: LogBook,
  coverage: WindowCoverage,
  options: JoinOptions,
  take: (part: Part) => void,
): Promise<JoinedLogs> {
  const learned = book.survey.learned({});
  const { clockOffsetUs, identity } = learned;
  const logs = new SideBySide(book.logs, (log) => eventsOf(log, book, options), learned);
  const incidents = new IncidentBook<JudgedFailure>({ isKept: false, clockOffsetUs });
  const anywhere = [...book.survey.landmarks, ...book.survey.startups];
  const places = new Places(anywhere);
  let episodes = new Map<string, { readonly episode: Episode; readonly us: number }>();
  let pending: readonly Placed[] = [];
  let fromUs = EVERYTHING.fromUs;
  for (let isLast = false; !isLast;) {
    const fresh = await logs.next(options.maxJoinedEvents / 2);
    isLast = logs.isOver;
    pending = [...pending, ...fresh.filter(({ event }) => !places.has(event))];
    const untilUs = isLast ? EVERYTHING.untilUs : wholeSecond(logs.readUntilUs - LOOK_AHEAD_US);
    // A single moment may be fuller than a piece: it is read to its end first.
    if (untilUs <= fromUs) continue;
    const core: Core = { fromUs, untilUs };
    const part = correlate(windowOf([...anywhere, ...pending.map(({ event }) => event)], coverage), {
      learned,
      core,
      incidents,
      knownEpisodes: new Map([...episodes].map(([id, { episode }]) => [id, episode])),
    });
    take(part);
    episodes = recentEpisodes(episodes, part, untilUs);
    pending = pending.filter(({ us, event }) => us >= untilUs - (isEntry(event) ? LOOK_BACK_US : LINES_BACK_US));
    fromUs = untilUs;
  }
  const window = windowOf(anywhere, coverage);
  return { incidents: incidents.close(incidentsOf(window, clockOffsetUs)).map(({ incident }) => incident), identity };
}

/** Rows of retries that may go on in the next piece. */
function recentEpisodes(
  known: ReadonlyMap<string, { readonly episode: Episode; readonly us: number }>,
  { failures, dropped }: Part,
  untilUs: number,
): Map<string, { readonly episode: Episode; readonly us: number }> {
  const recent = new Map([...known].filter(([, { us }]) => us >= untilUs - LINES_BACK_US));
  for (const { id, episode, symptom } of failures)
    if (episode !== undefined) recent.set(id, { episode, us: symptom.at?.us ?? untilUs });
  for (const { id, episode } of dropped) if (episode !== undefined) recent.set(id, { episode, us: untilUs });
  return recent;
}

function isEntry({ kind }: JoinedEvent): boolean {
  return kind === 'postgres_error' || kind === 'postgres_context';
}

/** Where some events stand in their files: read again, they are other objects. */
class Places {
  readonly #byFile = new Map<number, Set<number>>();

  constructor(events: readonly JoinedEvent[]) {
    for (const { citation } of events) {
      const starts = this.#byFile.get(citation.fileId);
      if (starts === undefined) this.#byFile.set(citation.fileId, new Set([citation.byteStart]));
      else starts.add(citation.byteStart);
    }
  }

  has({ citation: { fileId, byteStart } }: JoinedEvent): boolean {
    return this.#byFile.get(fileId)?.has(byteStart) === true;
  }
}

function wholeSecond(us: number): number {
  return Math.floor(us / SECOND_US) * SECOND_US;
}
