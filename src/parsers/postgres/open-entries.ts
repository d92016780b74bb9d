import type { LineRef, SkippedLines } from '../line-reader.ts';
import { LABELS } from './labels.ts';
import { matchPrefix, type PrefixMatcher } from './line-prefix.ts';
import type { OpenEntry } from './open-entry.ts';
import { backendOf } from './session-of.ts';

/** How far behind its entry's last line a section may come in when backends interleave: more than they write at once into one pipe. */
const MAX_INTERLEAVE_BYTES = 64 * 1024;

/**
 * What a backend began last. One object for all that it begins, in a row that is linked by hand: a map from which each entry is taken out and put in
 * anew makes itself new tables all the time, and every old one that has reached the old space keeps all that came after it alive.
 */
interface Slot {
  readonly backend: string;
  /** Null stands for statement noise, whose sections are noise too. */
  entry: OpenEntry | null;
  byteStart: number;
  /** Of noise; an entry knows its own. */
  byteEnd: number;
  before: Slot | null;
  after: Slot | null;
}

/** The last entry of each backend, which sections may still join: until its backend speaks again, or the log has gone on too far. */
export class OpenEntries {
  readonly #finish: (entry: OpenEntry) => void;
  readonly #slots = new Map<string, Slot>();
  /** The ends of the row, in which slots stand as what they hold began. */
  #oldest: Slot | null = null;
  #newest: Slot | null = null;
  #skipped: SkippedLines[] = [];
  /** No slot can be dropped before the log has come this far. */
  #dropsFrom = 0;

  constructor(finish: (entry: OpenEntry) => void) {
    this.#finish = finish;
  }

  /** Where the oldest entry begins that may still grow. */
  get since(): number | null {
    for (let slot = this.#oldest; slot !== null; slot = slot.after) if (slot.entry !== null) return slot.byteStart;
    return null;
  }

  begin(backend: string, entry: OpenEntry): void {
    this.#replace(backend, entry, entry.byteStart, entry.byteEnd);
  }

  beginNoise(backend: string, ref: LineRef): void {
    this.#replace(backend, null, ref.byteStart, ref.byteEnd);
  }

  /** The entry that a section of this backend at `byteStart` belongs to: null when that is noise, undefined when there is none. */
  find(backend: string, matcher: PrefixMatcher, byteStart: number): OpenEntry | null | undefined {
    const slot = this.#slots.get(backend);
    const from = slot === undefined ? byteStart - MAX_INTERLEAVE_BYTES : endOf(slot);
    const since = Math.max(from, byteStart - MAX_INTERLEAVE_BYTES);
    if (this.#spokeIn(backend, matcher, since, byteStart)) return null;
    return slot === undefined || byteStart - endOf(slot) > MAX_INTERLEAVE_BYTES ? undefined : slot.entry;
  }

  skip(skipped: SkippedLines): void {
    this.#skipped.push(skipped);
    const before = skipped.byteEnd - MAX_INTERLEAVE_BYTES;
    const firstKept = this.#skipped.findIndex(({ byteEnd }) => byteEnd > before);
    if (firstKept > 0) this.#skipped.splice(0, firstKept);
    this.#dropBefore(before);
  }

  flush(): void {
    for (let slot = this.#oldest; slot !== null; slot = slot.after) if (slot.entry !== null) this.#finish(slot.entry);
  }

  #replace(backend: string, entry: OpenEntry | null, byteStart: number, byteEnd: number): void {
    const known = this.#slots.get(backend);
    if (known === undefined) {
      const slot: Slot = { backend, entry, byteStart, byteEnd, before: null, after: null };
      this.#slots.set(backend, slot);
      this.#append(slot);
    } else {
      if (known.entry !== null) this.#finish(known.entry);
      known.entry = entry;
      known.byteStart = byteStart;
      known.byteEnd = byteEnd;
      this.#unlink(known);
      this.#append(known);
    }
    this.#dropBefore(byteStart - MAX_INTERLEAVE_BYTES);
  }

  #append(slot: Slot): void {
    slot.before = this.#newest;
    if (this.#newest === null) this.#oldest = slot;
    else this.#newest.after = slot;
    this.#newest = slot;
  }

  #unlink(slot: Slot): void {
    const { before, after } = slot;
    if (before === null) this.#oldest = after;
    else before.after = after;
    if (after === null) this.#newest = before;
    else after.before = before;
    slot.before = null;
    slot.after = null;
  }

  #dropBefore(byteOffset: number): void {
    if (byteOffset < this.#dropsFrom) return;
    for (let slot = this.#oldest; slot !== null; slot = this.#oldest) {
      const end = endOf(slot);
      if (end >= byteOffset) {
        this.#dropsFrom = end;
        return;
      }
      const { entry } = slot;
      this.#slots.delete(slot.backend);
      this.#unlink(slot);
      slot.entry = null;
      if (entry !== null) this.#finish(entry);
    }
  }

  /**
   * Whether the backend began an entry among the lines that a scan passed over: then the section is that entry's, which was noise. What was
   * passed over behind the section does not count: a section that was held back until the prefix was known comes here late.
   */
  #spokeIn(backend: string, matcher: PrefixMatcher, from: number, before: number): boolean {
    return this.#skipped.some((skipped) => {
      if (skipped.byteEnd <= from || skipped.byteStart >= before) return false;
      // Without a session or a pid all lines are one backend's, and what was passed over holds at least one beginning.
      return (
        backend === '' ||
        beginsEntry(skipped.read(Math.max(from, skipped.byteStart), skipped.byteEnd), backend, matcher)
      );
    });
  }
}

function beginsEntry(text: string, backend: string, matcher: PrefixMatcher): boolean {
  for (let at = text.indexOf(backend); at >= 0; at = text.indexOf(backend, at + 1)) {
    const match = matchPrefix(matcher, text, text.lastIndexOf('\n', at) + 1, text.length);
    if (match === null || backendOf({ matcher, match }) !== backend) continue;
    const label = LABELS.get(match.label);
    if (label !== undefined && 'severity' in label) return true;
  }
  return false;
}

function endOf({ entry, byteEnd }: Slot): number {
  return entry?.byteEnd ?? byteEnd;
}
