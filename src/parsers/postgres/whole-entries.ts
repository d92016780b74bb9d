import { zonedInstant } from '../../time/postgres-time.ts';
import type { ZoneResolver } from '../../time/zone.ts';
import type { LineBlock } from '../line-reader.ts';
import type { TextPart } from './entry-texts.ts';
import { labelBehind, type EntryPrefix } from './entry-prefix.ts';
import { prefixOf, type HeadMemo } from './head-memo.ts';
import type { PrefixMatcher } from './line-prefix.ts';
import type { OpenEntries } from './open-entries.ts';
import { OpenEntry } from './open-entry.ts';
import { sectionAt } from './section-at.ts';
import { mayStatePrefix } from './stated-prefix.ts';
import { isNoiseAt } from './statement-noise.ts';
import type { TextMemo } from './text-memo.ts';
import { TORN_LINE_CHARS } from './torn-lines.ts';

const TAB = 9;
const CR = 13;

/**
 * Reads entries in the form that nearly all have: a head that was met before, sections with the very same prefix right behind it, lines that go on
 * behind a tab. One goes from line end to line end and cuts out what it keeps: no line of it is handed from one to the next. Where anything is
 * otherwise it leaves off, and the line goes the long way; entries are the same on both.
 */
export class WholeEntries {
  /** Of the entry taken last: what its lines begin with. */
  prefix: EntryPrefix = { lead: '', rest: null };
  readonly #zones: ZoneResolver;
  readonly #heads: HeadMemo;
  readonly #open: OpenEntries;
  readonly #texts: TextMemo;

  constructor(zones: ZoneResolver, heads: HeadMemo, open: OpenEntries, texts: TextMemo) {
    this.#zones = zones;
    this.#heads = heads;
    this.#open = open;
    this.#texts = texts;
  }

  /** Takes entries from the front of a block and gives the last; null when it begins with something else. */
  take(block: LineBlock, matcher: PrefixMatcher | null): OpenEntry | null {
    let last: OpenEntry | null = null;
    for (let next = this.#entry(block, matcher); next !== null; next = this.#entry(block, matcher)) last = next;
    return last;
  }

  #entry(block: LineBlock, matcher: PrefixMatcher | null): OpenEntry | null {
    const { text, byteStart } = block;
    const from = block.at;
    let to = lineEnd(text, from);
    if (to < 0) return null;
    const known = this.#heads.find(text, from, to, matcher);
    if (known === null) return null;
    const { head, backend, session, time, bodyFrom } = known;
    const { label } = head;
    if (label === undefined || !('severity' in label)) return null;
    if (label.severity === 'LOG' && (isNoiseAt(text, bodyFrom) || mayStatePrefix(text, bodyFrom, to))) return null;

    const at = zonedInstant(time.localUs, time.precision, time.zone, this.#zones);
    const place = { line: block.line + 1, byteStart: byteStart + from, byteEnd: byteStart + to + 1 };
    const entry = new OpenEntry(label.severity, session, at, place, this.#texts);
    entry.sqlstate = head.sqlstate;
    this.#open.begin(backend, entry);

    const prefix = prefixOf(known, text, from);
    let part: TextPart = 'message';
    let partFrom = bodyFrom;
    let lines = 1;
    for (let next = to + 1; ; next = to + 1, lines++) {
      const end = lineEnd(text, next);
      if (end < 0) break;
      if (text.charCodeAt(next) !== TAB) {
        const sectionFrom = labelBehind(prefix, text, next);
        const found = sectionFrom < 0 ? null : sectionAt(text, sectionFrom);
        if (found === null || sectionFrom + found.labelChars > end) break;
        entry.addPart(part, block, partFrom, to);
        part = found.section;
        partFrom = sectionFrom + found.labelChars;
      }
      to = end;
    }
    entry.addPart(part, block, partFrom, to);
    entry.extend(lines - 1, byteStart + to + 1);
    block.at = to + 1;
    block.line += lines;
    this.prefix = prefix;
    return entry;
  }
}

/** Where a plain line from here on ends; -1 where there is none. */
function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end - from > TORN_LINE_CHARS || text.charCodeAt(end - 1) === CR ? -1 : end;
}
