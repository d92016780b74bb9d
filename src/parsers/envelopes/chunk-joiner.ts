import type { LineRef } from '../line-reader.ts';
import { LABELS, LABEL_SOURCE } from '../postgres/labels.ts';
import type { SyslogChunk } from './envelope.ts';
import type { ServiceSink } from './service-sink.ts';

interface Message {
  readonly number: string;
  readonly service: string;
  readonly byteStart: number;
  /** Where the severity stood in the first line: sections of the message have their label there too, whatever the prefix is. */
  readonly labelAt: number | null;
  readonly lines: LineRef[];
  /** Its writer numbers whole messages, not parts. */
  readonly isWhole: boolean;
  part: number;
  partLength: number;
  lastByte: number;
  chars: number;
  dirty: boolean;
}

/** PG_SYSLOG_LIMIT: Postgres cuts a longer line at the last blank before this many bytes. */
const PART_BYTES = 900;
/** A cut that keeps a multi-byte character whole, and a blank that rsyslog trimmed. */
const SLACK_BYTES = 4;
const LABEL = new RegExp(String.raw`^([^\t\n]{0,300}?)(?<![A-Za-z])${LABEL_SOURCE}`);
/** `%l` and padded fields move the label by a few bytes within one message. */
const LABEL_DRIFT = 4;
const MAX_OPEN = 64;
const MAX_MESSAGE_CHARS = 1 << 18;
/** Parts of one message are written at once: what has not come within so many bytes of the log will not come. */
const MAX_SPAN_BYTES = 1 << 16;
const TAB = '\t';

/**
 * Puts the parts of Postgres' syslog messages together again, backend by backend, and hands each message on in one go: backends interleave
 * in a syslog, and a part alone does not say whose entry it continues.
 */
export class ChunkJoiner {
  readonly #sink: ServiceSink;
  readonly #open = new Map<string, Message>();

  constructor(sink: ServiceSink) {
    this.#sink = sink;
  }

  get openSince(): number | null {
    let oldest: number | null = null;
    for (const { byteStart } of this.#open.values()) oldest = Math.min(oldest ?? byteStart, byteStart);
    return oldest;
  }

  add(stream: string, service: string, chunk: SyslogChunk, text: string, ref: LineRef): void {
    this.#giveUpBefore(ref.byteStart - MAX_SPAN_BYTES);
    const [first = '', ...more] = text.split('\n');
    const open = this.#open.get(stream);
    if (open !== undefined && continues(open, chunk, first)) addPart(open, chunk, first, ref);
    else this.#begin(stream, service, chunk, first, ref);
    for (const line of more) this.extend(stream, line, ref);
  }

  /** A line without a header of its own: syslog_split_messages is off, and the daemon keeps newlines. */
  extend(stream: string, text: string, ref: LineRef): boolean {
    const open = this.#open.get(stream);
    if (open === undefined) return false;
    addLine(open, text, ref);
    return true;
  }

  /** Hands on what is there; a message that grows after this is handed on again as a whole. */
  flush(): void {
    for (const message of this.#open.values()) this.#deliver(message);
  }

  end(): void {
    this.flush();
    this.#open.clear();
  }

  #begin(stream: string, service: string, chunk: SyslogChunk, text: string, ref: LineRef): void {
    const before = this.#open.get(stream);
    this.#give(stream);
    const message: Message = {
      number: chunk.message,
      service,
      byteStart: ref.byteStart,
      labelAt: LABEL.exec(text)?.[1]?.length ?? null,
      lines: [],
      isWhole: isWholeMessage(chunk, before),
      part: chunk.part,
      partLength: text.length,
      lastByte: ref.byteEnd,
      chars: 0,
      dirty: true,
    };
    this.#open.set(stream, message);
    addLine(message, text, ref);
    if (this.#open.size > MAX_OPEN) this.#give(this.#open.keys().next().value ?? stream);
  }

  #giveUpBefore(byte: number): void {
    for (const [stream, message] of this.#open) if (message.lastByte < byte) this.#give(stream);
  }

  #give(stream: string): void {
    const message = this.#open.get(stream);
    if (message === undefined) return;
    this.#open.delete(stream);
    this.#deliver(message);
  }

  #deliver(message: Message): void {
    if (!message.dirty) return;
    message.dirty = false;
    for (const line of message.lines) this.#sink.line({ ...line }, message.service);
  }
}

/**
 * One number alone counts a message's parts from 1 (sequence_numbers off) or messages (split_messages off). The latter goes on from what the postmaster
 * had counted when it made the process, and never comes back to 1.
 */
function isWholeMessage(chunk: SyslogChunk, before: Message | undefined): boolean {
  if (chunk.message !== '' || chunk.part === 1) return false;
  return before === undefined || (before.isWhole && chunk.part > before.part);
}

function continues(open: Message, chunk: SyslogChunk, text: string): boolean {
  if (chunk.message !== open.number || chunk.part <= open.part || open.isWhole) return false;
  // Without numbers of messages only a new severity tells that a new one begins.
  return open.number !== '' || !hasLabel(open, text, 'severity');
}

function addPart(message: Message, chunk: SyslogChunk, text: string, ref: LineRef): void {
  const last = message.lines.at(-1);
  const lengthBefore = message.partLength;
  const follows = chunk.part === message.part + 1;
  message.part = chunk.part;
  message.partLength = text.length;
  if (text.startsWith(TAB) || hasLabel(message, text, 'section')) addLine(message, text, ref);
  else if (follows && last !== undefined && wasCut(lengthBefore, text)) glue(message, last, lengthBefore, text, ref);
  // A tab was here, before rsyslog trimmed what a message begins with.
  else addLine(message, TAB + text, ref);
}

function addLine(message: Message, text: string, ref: LineRef): void {
  message.lastByte = ref.byteEnd;
  message.dirty = true;
  if (message.chars >= MAX_MESSAGE_CHARS) return;
  message.chars += text.length + 1;
  message.lines.push({ ...ref, text, from: 0, to: text.length });
}

function glue(message: Message, last: LineRef, lengthBefore: number, text: string, ref: LineRef): void {
  message.lastByte = ref.byteEnd;
  message.dirty = true;
  last.byteEnd = ref.byteEnd;
  if (message.chars >= MAX_MESSAGE_CHARS) return;
  // The next part begins with the blank at which the line was cut, unless rsyslog trimmed it; a word that fills a part is cut without one.
  const trimmed = !/^\s/.test(text) && lengthBefore < PART_BYTES - SLACK_BYTES;
  last.text += trimmed ? ` ${text}` : text;
  last.to = last.text.length;
  message.chars += text.length;
}

/** Whether the part before this one ended because its next word would not fit, and not because the line did. */
function wasCut(lengthBefore: number, text: string): boolean {
  const word = text.slice(1).search(/\s/);
  return lengthBefore + (word < 0 ? text.length : word + 1) >= PART_BYTES - SLACK_BYTES;
}

function hasLabel(message: Message, text: string, what: 'severity' | 'section'): boolean {
  const match = LABEL.exec(text);
  if (match === null) return false;
  const label = LABELS.get(match[2] ?? '');
  if (label === undefined || !(what in label)) return false;
  return message.labelAt === null || Math.abs((match[1] ?? '').length - message.labelAt) <= LABEL_DRIFT;
}
