import type { Severity } from '../../domain.ts';
import { zonedInstant } from '../../time/postgres-time.ts';
import type { FormatReader, ReaderContext } from '../format-reader.ts';
import type { LineBlock, LineRef, SkippedLines } from '../line-reader.ts';
import { emitEntry } from './entry.ts';
import { entryLineOf } from './entry-line.ts';
import { labelBehind, type EntryPrefix } from './entry-prefix.ts';
import { headedBy, HeadMemo, prefixOf, type HeadedLine } from './head-memo.ts';
import { LABELS, SUCCESS, type Label, type Section } from './labels.ts';
import type { PrefixMatcher } from './line-prefix.ts';
import { OpenEntries } from './open-entries.ts';
import { OpenEntry } from './open-entry.ts';
import { pgCtlChars } from './pg-ctl.ts';
import { PrefixBook } from './prefix-book.ts';
import { instantOf } from './session-of.ts';
import { mayStatePrefix, statedPrefix } from './stated-prefix.ts';
import { sectionAt } from './section-at.ts';
import { isNoiseAt } from './statement-noise.ts';
import { TextMemo, textOfLines } from './text-memo.ts';
import { TORN_LINE_CHARS } from './torn-lines.ts';
import { WholeEntries } from './whole-entries.ts';

/** Lines that show a label but don't fit the prefix: so many, and the prefix is sought anew (a reload may have changed it). */
const MISFITS_BEFORE_INFERENCE = 8;
const MAX_HELD_LINES = 256;
const TAB = 9;
const EXPANDED_TAB = ' '.repeat(8);
const VERBOSE_SUCCESS = `${SUCCESS}: `;
/** Reads Postgres' stderr form: finds entries by prefix and label, and reassembles an entry's sections by backend when backends interleave. */
export class StderrReader implements FormatReader {
  readonly noiseForm = 'stderr';
  readonly #context: ReaderContext;
  readonly #prefixes: PrefixBook;
  readonly #open: OpenEntries;
  readonly #heads = new HeadMemo();
  readonly #texts = new TextMemo();
  /** What the last physical line belongs to: a line that begins with a tab continues it. */
  #continues: OpenEntry | 'held' | null = null;
  /** The entry begun last, and what its lines are prefixed with. */
  #latest: OpenEntry | null = null;
  #prefix: EntryPrefix = { lead: '', rest: null };
  /** Lines that no known prefix reads, from the first that looks like an entry on. */
  #held: LineRef[] = [];
  #misfits = 0;
  #pidOffset = -1;
  readonly #strokes: WholeEntries;

  constructor(context: ReaderContext, matcher: PrefixMatcher) {
    this.#context = context;
    this.#prefixes = new PrefixBook(matcher);
    this.#open = new OpenEntries((entry) => {
      const event = entry.takeEvent(context.cite, 'postgres_stderr');
      if (event !== null) emitEntry(context, event);
    });
    this.#strokes = new WholeEntries(context.zones, this.#heads, this.#open, this.#texts);
  }

  /** As the first entry had it, or a later line whose section a scan could not tell to be noise. */
  get pidOffset(): number {
    return this.#pidOffset;
  }

  get linePrefix(): string {
    return this.#prefixes.current?.template ?? '';
  }

  line(ref: LineRef): void {
    if (ref.from === ref.to) return;
    if (ref.to - ref.from > TORN_LINE_CHARS) {
      const torn = this.#prefixes.findInside(ref.text, ref.from, ref.to);
      if (torn >= 0) {
        this.#tear(ref, torn);
        return;
      }
    }
    if (ref.text.charCodeAt(ref.from) === TAB) this.#continuation(ref);
    else if (!this.#nextSection(ref) && !this.#entryLine(ref) && !this.#expandedTab(ref)) this.#afterPgCtl(ref);
  }

  takeBlock(block: LineBlock): void {
    // The log's first entry shows where the pid stands.
    if (this.#latest === null) return;
    const taken = this.#strokes.take(block, this.#prefixes.current);
    if (taken === null) return;
    this.#continues = taken;
    this.#latest = taken;
    this.#prefix = this.#strokes.prefix;
  }

  /** Statement noise was passed over by a scan; an entry's late section may yet ask who spoke there. */
  skip(skipped: SkippedLines): void {
    this.#continues = null;
    this.#open.skip(skipped);
  }

  /** Hands out what is whole so far. An entry stays open for late sections until its backend speaks again: then it is handed out anew, fuller. */
  flush(): void {
    if (this.#held.length > 0) this.#learnFromHeld();
    this.#open.flush();
  }

  end(): void {
    this.flush();
  }

  get openSince(): number | null {
    const held = this.#held[0]?.byteStart ?? null;
    const open = this.#open.since;
    return held === null || (open !== null && open < held) ? open : held;
  }

  /** Another writer's entry begins inside a line: what stands before it is all that is left of the line, the rest is an entry of its own. */
  #tear(ref: LineRef, at: number): void {
    const { from, to, byteStart } = ref;
    this.line({ ...ref, to: at });
    this.line({ ...ref, from: at, to, byteStart: byteStart + at - from });
  }

  #continuation(ref: LineRef): void {
    if (this.#continues === 'held') this.#hold(ref);
    else this.#continues?.continueLine(ref, ref.from + 1);
  }

  /** A tab that something on the log's way (a terminal, a pager, a web page) has turned into blanks. */
  #expandedTab(ref: LineRef): boolean {
    if (!(this.#continues instanceof OpenEntry) || !ref.text.startsWith(EXPANDED_TAB, ref.from)) return false;
    this.#continues.continueLine(ref, ref.from + EXPANDED_TAB.length);
    return true;
  }

  #afterPgCtl(ref: LineRef): void {
    const chars = pgCtlChars(ref.text, ref.from);
    if (chars === 0) this.#misfit(ref);
    else this.line({ ...ref, from: ref.from + chars });
  }

  /** Most sections follow their entry's first line with the very same prefix, its number apart: then nothing of it needs to be read again. */
  #nextSection(ref: LineRef): boolean {
    const entry = this.#latest;
    if (entry === null || entry !== this.#continues) return false;
    const labelFrom = labelBehind(this.#prefix, ref.text, ref.from);
    if (labelFrom < 0) return false;
    const known = sectionAt(ref.text, labelFrom);
    if (known === null || labelFrom + known.labelChars > ref.to) return false;
    entry.beginSection(known.section, ref, labelFrom + known.labelChars);
    return true;
  }

  #entryLine(ref: LineRef): boolean {
    const known = this.#heads.find(ref.text, ref.from, ref.to, this.#prefixes.current);
    if (known !== null) return this.#headed(known, ref);
    const reading = this.#prefixes.read(ref.text, ref.from, ref.to);
    if (reading === null) return this.#unknownLabel(ref);
    this.#heads.learn(ref, reading);
    return this.#headed(headedBy(reading, ref.text, ref.from), ref);
  }

  #headed(headed: HeadedLine, ref: LineRef): boolean {
    const { label } = headed.head;
    if (label === undefined) return false;
    if ('severity' in label) this.#begin(headed, label.severity, ref);
    else this.#section(headed, label.section, ref);
    return true;
  }

  #begin(headed: HeadedLine, severity: Severity, ref: LineRef): void {
    const { head, backend, time, bodyFrom } = headed;
    const isLog = severity === 'LOG';
    if (isLog && !this.#context.keepStatements && isNoiseAt(ref.text, bodyFrom)) {
      this.#context.countStatement();
      this.#open.beginNoise(backend, ref);
      this.#continues = null;
      return;
    }
    const mayState = isLog && mayStatePrefix(ref.text, bodyFrom, ref.to);
    const stated = mayState ? statedPrefix(textOfLines(ref.text.slice(bodyFrom, ref.to))) : null;
    if (stated !== null) this.#prefixes.state(stated);
    const { zones } = this.#context;
    const at =
      time === null ? instantOf(head.reading, zones) : zonedInstant(time.localUs, time.precision, time.zone, zones);
    const session =
      headed.session.pid === null && ref.pid !== null ? { ...headed.session, pid: ref.pid } : headed.session;
    const entry = new OpenEntry(severity, session, at ?? ref.stamp, ref, this.#texts);
    entry.begin(ref, bodyFrom);
    entry.sqlstate = head.sqlstate;
    if (this.#latest === null) this.#pidOffset = head.pidOffset;
    this.#open.begin(backend, entry);
    this.#continues = entry;
    this.#latest = entry;
    this.#prefix = prefixOf(headed, ref.text, ref.from);
  }

  #section({ head, backend, bodyFrom }: HeadedLine, section: Section, ref: LineRef): void {
    const entry = this.#open.find(backend, head.reading.matcher, ref.byteStart);
    this.#continues = entry ?? null;
    if (entry === undefined) this.#context.countUnrecognised(ref);
    else if (entry === null) this.#pidOffset = head.pidOffset;
    else entry.beginSection(section, ref, bodyFrom);
  }

  /**
   * A whole prefix before a word that is no label of any language we know: an error for all that can be told, unless the same backend has just
   * begun such an entry, whose section it then is.
   */
  #unknownLabel(ref: LineRef): boolean {
    const reading = this.#prefixes.readUnknownLabel(ref.text, ref.from, ref.to);
    if (reading === null) return false;
    const headed = headedBy(reading, ref.text, ref.from);
    const { head, backend, bodyFrom } = headed;
    const entry = this.#open.find(backend, reading.matcher, ref.byteStart);
    if (entry?.isUnknown === true && entry === this.#continues) {
      this.#section(headed, 'detail', ref);
      return true;
    }
    // Where the SQLSTATE is printed, the label is not needed.
    const isDone = head.sqlstate === SUCCESS || ref.text.startsWith(VERBOSE_SUCCESS, bodyFrom);
    this.#begin(headed, isDone ? 'LOG' : 'ERROR', ref);
    if (this.#continues instanceof OpenEntry) this.#continues.isUnknown = true;
    return true;
  }

  #misfit(ref: LineRef): void {
    const looks = this.#held.length < MAX_HELD_LINES ? entryLineOf(ref.text.slice(ref.from, ref.to)) : null;
    const label: Label | undefined = looks === null ? undefined : LABELS.get(looks.label);
    if (looks === null || label === undefined) {
      this.#context.countUnrecognised(ref);
    } else if ('section' in label) {
      // Sections are worth holding behind the entry that they belong to, and nowhere else.
      if (this.#continues === 'held') this.#hold(ref);
      else this.#context.countUnrecognised(ref);
    } else if (label.severity === 'LOG' && isNoiseAt(looks.message, 0)) {
      this.#context.countStatement();
      this.#continues = null;
    } else {
      this.#hold(ref);
      this.#continues = 'held';
      if (++this.#misfits >= MISFITS_BEFORE_INFERENCE) this.#learnFromHeld();
    }
  }

  #hold(ref: LineRef): void {
    if (this.#held.length < MAX_HELD_LINES)
      this.#held.push({ ...ref, text: ref.text.slice(ref.from, ref.to), from: 0, to: ref.to - ref.from });
  }

  #learnFromHeld(): void {
    const held = this.#held;
    this.#held = [];
    this.#misfits = 0;
    this.#continues = null;
    const isLearnt = this.#prefixes.learn(held.map(({ text }) => text));
    for (const ref of held) {
      if (ref.text.charCodeAt(0) === TAB) this.#continuation(ref);
      else if (!isLearnt || !this.#entryLine(ref)) {
        this.#context.countUnrecognised(ref);
        this.#continues = null;
      }
    }
  }
}
