import type { PostgresErrorEvent, ServerError } from '../../domain.ts';
import { anchorOf, offsetOfAnchors, type Anchor } from './clock-offset.ts';
import { ownershipOf, type Identity } from '../identity/identity.ts';
import { ownText } from '../../memo.ts';
import { ownCopy } from '../own-copy.ts';
import type { Interval } from '../timing/interval.ts';

/** So many texts tell the clocks' distance as well as all of them. */
const MAX_TEXTS = 10_000;
const MAX_ANCHORS_PER_TEXT = 50;
const MAX_SESSIONS_PER_TEXT = 8;
/** Entries whose times alone are kept, for a denokv that quotes nothing. */
const MAX_TIMES = 100_000;
const MAX_WHOS = 64;

/** How often a text came, and when at first. */
interface Occurrences {
  count: number;
  readonly first: Interval[];
}

interface LoggedBy extends Occurrences {
  /** Any one of them: whose it is, all of them are. */
  readonly entry: PostgresErrorEvent;
}

interface Text {
  readonly told: Occurrences;
  readonly logged: LoggedBy[];
}

/** Times at which both logs said the same, for the distance of their clocks: of each text its count and its first times, so that no event need be kept. */
export class ClockSample {
  readonly #texts = new Map<string, Text>();
  readonly #entries: { readonly entry: PostgresErrorEvent; readonly times: { readonly interval: Interval }[] }[] = [];
  #times = 0;

  addTold({ message, detail }: ServerError, interval: Interval): void {
    const text = this.#textOf(message, detail);
    if (text !== undefined) see(text.told, interval);
  }

  addLogged(entry: PostgresErrorEvent, interval: Interval): void {
    this.#addTime(entry, interval);
    const text = this.#textOf(entry.message, entry.detail);
    if (text === undefined) return;
    let own = text.logged.find(({ entry: other }) => areOfOne(entry, other));
    if (own === undefined && text.logged.length < MAX_SESSIONS_PER_TEXT)
      text.logged.push((own = { entry: ownCopy(entry), count: 0, first: [] }));
    if (own !== undefined) see(own, interval);
  }

  /** What is added to Postgres' times to bring them to denokv's clock; null when too little is known to say. */
  offsetUs(identity: Identity): number | null {
    const anchors: Anchor[] = [];
    for (const { told, logged } of this.#texts.values()) {
      const own = logged.filter(({ entry }) => ownershipOf(entry, identity) !== null);
      const count = own.reduce((sum, one) => sum + one.count, 0);
      if (count !== told.count) continue;
      const entries = inTime(own.flatMap(({ first }) => first)).slice(0, MAX_ANCHORS_PER_TEXT);
      for (const [at, line] of inTime(told.first).entries()) {
        const entry = entries[at];
        if (entry !== undefined) anchors.push(anchorOf(line, entry));
      }
    }
    return offsetOfAnchors(anchors);
  }

  /** When entries that may be denokv's were written. */
  entriesOf(identity: Identity): readonly { readonly interval: Interval }[] {
    return this.#entries.flatMap(({ entry, times }) => (ownershipOf(entry, identity) === null ? [] : times));
  }

  #addTime(entry: PostgresErrorEvent, interval: Interval): void {
    if (this.#times >= MAX_TIMES) return;
    let own = this.#entries.find(({ entry: other }) => areOfOne(entry, other));
    if (own === undefined && this.#entries.length < MAX_WHOS)
      this.#entries.push((own = { entry: ownCopy(entry), times: [] }));
    if (own === undefined) return;
    own.times.push({ interval });
    this.#times += 1;
  }

  /** By the first line of the DETAIL: a deadlock's log goes on with what the client was not told. */
  #textOf(message: string, detail: string | null): Text | undefined {
    const key = detail === null ? message : `${message}\0${detail.split('\n', 1)[0] ?? ''}`;
    let text = this.#texts.get(key);
    if (text === undefined && this.#texts.size < MAX_TEXTS)
      this.#texts.set(ownText(key), (text = { told: { count: 0, first: [] }, logged: [] }));
    return text;
  }
}

function see(occurrences: Occurrences, interval: Interval): void {
  occurrences.count += 1;
  if (occurrences.first.length < MAX_ANCHORS_PER_TEXT) occurrences.first.push(interval);
}

function areOfOne(a: PostgresErrorEvent, b: PostgresErrorEvent): boolean {
  return (
    a.statement === b.statement && a.user === b.user && a.database === b.database && a.application === b.application
  );
}

function inTime(times: readonly Interval[]): readonly Interval[] {
  return times.toSorted((a, b) => a.fromUs - b.fromUs);
}
