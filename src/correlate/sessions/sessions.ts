import type { PostgresContextEvent, PostgresErrorEvent } from '../../domain.ts';
import { countWhile } from '../timing/partition.ts';

export type SessionEntry = PostgresContextEvent | PostgresErrorEvent;

/**
 * So long a backend's number is taken for the same session: numbers are given again. In a long log joined at one stroke half of the holders would be named
 * for sessions that had ended; and no window reaches further back, so that an answer would depend on where one is cut.
 */
const KNOWN_FOR_US = 150_000_000;

interface Session {
  readonly entries: SessionEntry[];
  /** Their places in the whole log. */
  readonly places: number[];
}

/** Postgres' entries by the backend that wrote them: one backend does one thing after the other, so what came before explains what came next. */
export class Sessions {
  readonly #byPid = new Map<number | null, Session>();
  /** Place of each entry in the whole log. */
  readonly #places: ReadonlyMap<SessionEntry, number>;
  /** In order of time. */
  readonly entries: readonly SessionEntry[];
  /** Made when it is asked for: only requests that hung ask. */
  #timedEntries: readonly { readonly entry: SessionEntry; readonly us: number }[] | null = null;

  /** `entries` in order of time. */
  constructor(entries: readonly SessionEntry[]) {
    this.entries = entries;
    const placeOf = new Map<SessionEntry, number>();
    for (const [place, entry] of entries.entries()) {
      placeOf.set(entry, place);
      if (entry.pid === null) continue;
      const session = this.#byPid.get(entry.pid);
      if (session === undefined) this.#byPid.set(entry.pid, { entries: [entry], places: [place] });
      else {
        session.entries.push(entry);
        session.places.push(place);
      }
    }
    this.#places = placeOf;
  }

  /** The entries of a backend (by default the same) that stand before this one in the log, newest first. */
  *before(entry: SessionEntry, pid: number | null = entry.pid): Generator<SessionEntry, void> {
    const place = this.#places.get(entry) ?? 0;
    const session = this.#byPid.get(pid);
    if (session === undefined) return;
    // A session of a storm has thousands of entries, and each of its victims asks.
    const earlierOnes = countWhile(session.places, (other) => other < place);
    for (let at = earlierOnes - 1; at >= 0; at--) {
      const earlier = session.entries[at];
      if (earlier !== undefined) yield earlier;
    }
  }

  /** All entries of a stretch of time, on Postgres' own clock. */
  within(fromUs: number, toUs: number): readonly SessionEntry[] {
    const timed = this.#timed;
    const from = countWhile(timed, ({ us }) => us < fromUs);
    const to = countWhile(timed, ({ us }) => us < toUs);
    return timed.slice(from, to).map(({ entry }) => entry);
  }

  /** What a backend was about at a moment: the statement that it showed last. */
  lastStatement(pid: number, until: SessionEntry): string | null {
    return this.#last(pid, until, ({ statement }) => statement);
  }

  /** Who a backend is: the application, else the user, that its entries name. */
  nameOf(pid: number, until: SessionEntry): string | null {
    return this.#last(pid, until, ({ application, user }) => application ?? user);
  }

  get #timed(): readonly { readonly entry: SessionEntry; readonly us: number }[] {
    return (this.#timedEntries ??= this.entries.flatMap((entry) =>
      entry.at === null ? [] : [{ entry, us: entry.at.us }],
    ));
  }

  #last(pid: number, until: SessionEntry, read: (entry: SessionEntry) => string | null): string | null {
    const own = until.pid === pid ? read(until) : null;
    if (own !== null) return own;
    for (const entry of this.before(until, pid)) {
      if (until.at !== null && entry.at !== null && until.at.us - entry.at.us > KNOWN_FOR_US) return null;
      const value = read(entry);
      if (value !== null) return value;
    }
    return null;
  }
}
