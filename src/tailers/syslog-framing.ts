const LF = 10;
const NUL = 0;
const BLANK = 32;
const PRIORITY_OPEN = 60;
const ZERO = 48;
const NINE = 57;
/** More digits than any message that is taken has. */
const MAX_COUNT_DIGITS = 7;
export const MAX_MESSAGE_BYTES = 256 * 1024;
const FIRST_CAPACITY = 4096;

/** How a message begins: its octet count, that there is none, or that more bytes must tell. */
type FrameHead = { readonly digits: number; readonly length: number } | 'delimited' | 'undecided';

/**
 * Cuts one connection's bytes into syslog messages (RFC 6587): counted octets, or ended by LF (by NUL where libc writes to a stream socket). Each
 * message may be framed its own way. A message that is too long keeps its head.
 */
export class SyslogFraming {
  #buffer = Buffer.allocUnsafe(FIRST_CAPACITY);
  #used = 0;
  #scanned = 0;
  /** Of a message that was cut: octets that are still to be passed over, or all up to the next delimiter. */
  #skipOctets = 0;
  #skipsLine = false;
  truncated = 0;

  /** @returns the messages that are whole now, without their framing; views that are valid until the next call */
  push(bytes: Buffer): readonly Buffer[] {
    this.#add(bytes);
    const messages: Buffer[] = [];
    let from = 0;
    for (;;) {
      const next = this.#next(from);
      if (next === null) break;
      if (next.to > next.from) messages.push(this.#buffer.subarray(next.from, next.to));
      from = next.resume;
    }
    this.#consumed = from;
    return messages;
  }

  /** What stands at the end of a connection: the last message, if only its delimiter lacks; a count that was not fulfilled is cut. */
  end(): Buffer | null {
    this.#compact();
    if (this.#used === 0 || this.#skipsLine || this.#skipOctets > 0) return null;
    const head = this.#headAt(0);
    if (typeof head !== 'object') return this.#buffer.subarray(0, this.#used);
    this.truncated += 1;
    return this.#used > head.digits + 1 ? this.#buffer.subarray(head.digits + 1, this.#used) : null;
  }

  /** Bytes at the beginning of the buffer that were handed out. */
  #consumed = 0;

  #add(bytes: Buffer): void {
    this.#compact();
    let fresh = bytes;
    if (this.#skipOctets > 0) {
      const skipped = Math.min(this.#skipOctets, fresh.length);
      this.#skipOctets -= skipped;
      fresh = fresh.subarray(skipped);
    }
    const needed = this.#used + fresh.length;
    if (needed > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
      this.#buffer.copy(grown, 0, 0, this.#used);
      this.#buffer = grown;
    }
    fresh.copy(this.#buffer, this.#used);
    this.#used = needed;
  }

  #compact(): void {
    if (this.#consumed === 0) return;
    this.#buffer.copyWithin(0, this.#consumed, this.#used);
    this.#used -= this.#consumed;
    this.#scanned = Math.max(0, this.#scanned - this.#consumed);
    this.#consumed = 0;
  }

  #next(from: number): { readonly from: number; readonly to: number; readonly resume: number } | null {
    if (this.#skipsLine) {
      const end = this.#delimiterAfter(from);
      this.#skipsLine = end < 0;
      return end < 0 ? skip(from, this.#used) : skip(from, end + 1);
    }
    const head = this.#headAt(from);
    if (head === 'undecided') return null;
    return head === 'delimited' ? this.#nextDelimited(from) : this.#nextCounted(from + head.digits + 1, head.length);
  }

  #nextDelimited(from: number): { readonly from: number; readonly to: number; readonly resume: number } | null {
    const end = this.#delimiterAfter(Math.max(from, this.#scanned));
    if (end >= 0 && end - from <= MAX_MESSAGE_BYTES) return { from, to: end, resume: end + 1 };
    this.#scanned = this.#used;
    if (this.#used - from <= MAX_MESSAGE_BYTES) return null;
    this.truncated += 1;
    this.#skipsLine = true;
    this.#scanned = 0;
    return { from, to: from + MAX_MESSAGE_BYTES, resume: from + MAX_MESSAGE_BYTES };
  }

  #nextCounted(
    from: number,
    length: number,
  ): { readonly from: number; readonly to: number; readonly resume: number } | null {
    const kept = Math.min(length, MAX_MESSAGE_BYTES);
    if (this.#used < from + kept) return null;
    if (length > kept) this.truncated += 1;
    const resume = Math.min(this.#used, from + length);
    this.#skipOctets = from + length - resume;
    return { from, to: from + kept, resume };
  }

  #headAt(from: number): FrameHead {
    for (let at = from; at < this.#used; at += 1) {
      const byte = this.#buffer[at] ?? 0;
      const digits = at - from;
      if (byte >= ZERO && byte <= NINE && digits < MAX_COUNT_DIGITS && !(digits === 0 && byte === ZERO)) continue;
      if (byte !== BLANK || digits === 0) return 'delimited';
      if (at + 1 >= this.#used) return 'undecided';
      if (this.#buffer[at + 1] !== PRIORITY_OPEN) return 'delimited';
      return { digits, length: Number(this.#buffer.toString('latin1', from, at)) };
    }
    return 'undecided';
  }

  #delimiterAfter(from: number): number {
    const bytes = this.#buffer.subarray(0, this.#used);
    const lineFeed = bytes.indexOf(LF, from);
    const nul = (lineFeed < 0 ? bytes : bytes.subarray(0, lineFeed)).indexOf(NUL, from);
    return nul < 0 ? lineFeed : nul;
  }
}

function skip(
  from: number,
  to: number,
): { readonly from: number; readonly to: number; readonly resume: number } | null {
  return to === from ? null : { from, to: from, resume: to };
}
