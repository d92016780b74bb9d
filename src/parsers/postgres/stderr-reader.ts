import type { Instant, PostgresEvent, Severity } from '../../domain.ts';
import { parseEpochTime, parsePostgresTime } from '../../time/postgres-time.ts';
import type { ZoneResolver } from '../../time/zone.ts';
import { decodeUtf8 } from '../latin1.ts';
import type { LineRef } from '../line-reader.ts';
import type { FormatReader, ReaderContext } from '../format-reader.ts';
import { OpenEntry } from './open-entry.ts';
import { hostOf, nameOrNull } from './entry.ts';
import { inferPrefix, looksLikeEntryLine } from './infer-prefix.ts';
import { LABELS, type Label } from './labels.ts';
import type { PrefixField, PrefixMatcher } from './line-prefix.ts';

/** How many entries may wait for late sections of theirs; more than a server's backends write at once into one pipe. */
const MAX_OPEN_ENTRIES = 32;
/** Lines that show a label but don't fit the prefix: so many, and the prefix is sought anew (a reload may have changed it). */
const MISFITS_BEFORE_INFERENCE = 8;
const MAX_MISFITS = 256;
const TAB = 9;
const NOISE_PATTERN = /(?:statement|execute [^:\n]*|duration: \d{1,2}\.\d{3} ms|duration: [1-4]\d\d\.\d{3} ms|parse [^:\n]*|bind [^:\n]*)(?::|  |$|\n|\r)/y;

interface HeldLine {
  readonly ref: LineRef;
}

/** Reads Postgres' stderr form: finds entries by prefix and label, and reassembles an entry's sections by backend when backends interleave. */
export class StderrReader implements FormatReader {
  readonly #context: ReaderContext;
  #matchers: PrefixMatcher[];
  /** Open entry of each backend; null stands for statement noise, whose sections are noise too. */
  readonly #open = new Map<string, OpenEntry | null>();
  /** What the last physical line belongs to: a line that begins with a tab continues it. */
  #continues: OpenEntry | null = null;
  #misfits: HeldLine[] = [];

  constructor(context: ReaderContext, matcher: PrefixMatcher) {
    this.#context = context;
    this.#matchers = [matcher];
  }

  get linePrefix(): string {
    return this.#matchers[0]?.template ?? '';
  }

  line(ref: LineRef): void {
    if (ref.from === ref.to) return;
    if (ref.text.charCodeAt(ref.from) === TAB) {
      this.#continues?.continueLine(decodeUtf8(ref.text.slice(ref.from + 1, ref.to)), ref);
      return;
    }
    for (const [index, matcher] of this.#matchers.entries()) {
      if (!this.#read(matcher, ref)) continue;
      if (index > 0) this.#matchers = [matcher, ...this.#matchers.filter((other) => other !== matcher)];
      return;
    }
    this.#misfit(ref);
  }

  /** Hands out what is whole so far. An entry stays open for late sections until its backend speaks again: then it is handed out anew, fuller. */
  flush(): void {
    if (this.#misfits.length > 0) this.#inferFromMisfits();
    for (const entry of this.#open.values()) if (entry !== null) this.#finish(entry);
  }

  end(): void {
    this.flush();
  }

  get openSince(): number | null {
    let oldest: number | null = this.#misfits[0]?.ref.byteStart ?? null;
    for (const entry of this.#open.values()) if (entry !== null && (oldest === null || entry.byteStart < oldest)) oldest = entry.byteStart;
    return oldest;
  }

  #read(matcher: PrefixMatcher, ref: LineRef): boolean {
    const match = matchAt(matcher.session, ref) ?? (matcher.background === null ? null : matchAt(matcher.background, ref));
    if (match === null) return false;
    const label = LABELS.get(match.at(-1) ?? '');
    if (label === undefined) return false;
    const bodyFrom = ref.from + match[0].length;
    const backend = backendOf(matcher.fields, match);
    if ('severity' in label) this.#begin(matcher, match, label.severity, backend, bodyFrom, ref);
    else this.#section(label, backend, bodyFrom, ref);
    return true;
  }

  #begin(matcher: PrefixMatcher, match: RegExpExecArray, severity: Severity, backend: string, bodyFrom: number, ref: LineRef): void {
    const previous = this.#open.get(backend);
    if (previous != null) this.#finish(previous);
    this.#open.delete(backend);
    if (severity === 'LOG' && !this.#context.keepStatements && isNoiseAt(ref, bodyFrom)) {
      this.#context.countStatement();
      this.#open.set(backend, null);
      this.#continues = null;
      this.#makeRoom();
      return;
    }
    const values = valuesOf(matcher.fields, match);
    const entry = new OpenEntry(severity, sessionOf(values), instantOf(values, this.#context.zones), decodeUtf8(ref.text.slice(bodyFrom, ref.to)), ref);
    entry.sqlstate = values.get('e') ?? null;
    this.#open.set(backend, entry);
    this.#continues = entry;
    this.#makeRoom();
  }

  #section(label: Label, backend: string, bodyFrom: number, ref: LineRef): void {
    const entry = this.#open.get(backend);
    this.#continues = entry ?? null;
    if (entry === undefined) this.#context.countUnrecognised(ref);
    else if (entry !== null && 'section' in label) entry.beginSection(label.section, decodeUtf8(ref.text.slice(bodyFrom, ref.to)), ref);
  }

  #makeRoom(): void {
    if (this.#open.size <= MAX_OPEN_ENTRIES) return;
    const oldest = this.#open.entries().next().value;
    if (oldest === undefined) return;
    this.#open.delete(oldest[0]);
    if (oldest[1] !== null) this.#finish(oldest[1]);
  }

  #finish(entry: OpenEntry): void {
    const event: PostgresEvent | null = entry.takeEvent(this.#context.cite, 'postgres_stderr');
    if (event !== null) this.#context.emit(event);
  }

  #misfit(ref: LineRef): void {
    this.#continues = null;
    if (this.#misfits.length < MAX_MISFITS && this.#matchers.length < 4 && looksLikeEntryLine(ref.text.slice(ref.from, Math.min(ref.to, ref.from + 400)))) {
      this.#misfits.push({ ref: copyOf(ref) });
      if (this.#misfits.length >= MISFITS_BEFORE_INFERENCE) this.#inferFromMisfits();
    } else {
      this.#context.countUnrecognised(ref);
    }
  }

  #inferFromMisfits(): void {
    const held = this.#misfits;
    this.#misfits = [];
    const found = inferPrefix(held.map(({ ref }) => ref.text));
    if (found !== null && found.confidence >= 0.5 && found.matcher.fields.some((field) => 'tmnp'.includes(field))) {
      this.#matchers = [found.matcher, ...this.#matchers];
    }
    for (const { ref } of held) if (!this.#matchers.some((matcher) => this.#read(matcher, ref))) this.#context.countUnrecognised(ref);
  }
}

function copyOf(ref: LineRef): LineRef {
  return { ...ref, text: ref.text.slice(ref.from, ref.to), from: 0, to: ref.to - ref.from };
}

function matchAt(pattern: RegExp, ref: LineRef): RegExpExecArray | null {
  pattern.lastIndex = ref.from;
  const match = pattern.exec(ref.text);
  return match !== null && ref.from + match[0].length <= ref.to ? match : null;
}

function isNoiseAt(ref: LineRef, bodyFrom: number): boolean {
  NOISE_PATTERN.lastIndex = bodyFrom;
  return NOISE_PATTERN.test(ref.text);
}

/** The key by which an entry's sections find it: the session, else the pid, else (no such field) the one entry of the file. */
function backendOf(fields: readonly PrefixField[], match: RegExpExecArray): string {
  const index = fields.includes('c') ? fields.indexOf('c') : fields.indexOf('p');
  return index < 0 ? '' : (match[index + 1] ?? '');
}

function valuesOf(fields: readonly PrefixField[], match: RegExpExecArray): ReadonlyMap<PrefixField, string> {
  const values = new Map<PrefixField, string>();
  // A background process matches the template's leading fields only; its label then stands in the next group.
  const count = Math.min(fields.length, match.length - 2);
  for (let i = 0; i < count; i++) {
    const field = fields[i];
    if (field !== undefined) values.set(field, decodeUtf8((match[i + 1] ?? '').trim()));
  }
  return values;
}

function sessionOf(values: ReadonlyMap<PrefixField, string>): ConstructorParameters<typeof OpenEntry>[1] {
  const pid = values.get('p') ?? '';
  return {
    pid: pid === '' ? null : Number(pid),
    session: nameOrNull(values.get('c') ?? ''),
    user: nameOrNull(values.get('u') ?? ''),
    database: nameOrNull(values.get('d') ?? ''),
    application: nameOrNull(values.get('a') ?? ''),
    client: hostOf(values.get('r') ?? values.get('h') ?? '', '('),
    backendType: nameOrNull(values.get('b') ?? ''),
  };
}

function instantOf(values: ReadonlyMap<PrefixField, string>, zones: ZoneResolver): Instant | null {
  const epoch = values.get('n');
  if (epoch !== undefined) return parseEpochTime(epoch);
  const text = values.get('m') ?? values.get('t');
  return text === undefined ? null : parsePostgresTime(text, zones);
}
