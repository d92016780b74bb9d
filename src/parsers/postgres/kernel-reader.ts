import type { FormatReader, ReaderContext } from '../format-reader.ts';
import { decodeUtf8 } from '../latin1.ts';
import type { LineRef } from '../line-reader.ts';

/** The kernel's own clock, seconds since the boot, in front of each of its lines. */
const SINCE_BOOT = String.raw`\[ *\d{1,9}\.\d{6}\] `;
const KILLED = String.raw`(?:Out of memory|Memory cgroup out of memory): Kill(?:ed)? process \d+ \(|oom-kill:|Killed process \d+ \(`;
const KERNEL_LINE = new RegExp(`^(?:${SINCE_BOOT}|${KILLED})`);
/** Of the many lines of such a kill these name the process. A thread of the server may have any of its names. */
const VICTIM = /Kill(?:ed)? process (\d+) \((postgres|postmaster|postgresql)\)|task=(?:postgres|postmaster),pid=(\d+)/;
const BOOT_CLOCK = new RegExp(`^${SINCE_BOOT}`);

/** Whether a line (its wrapping taken off) is the kernel's. */
export function isKernelLine(line: string): boolean {
  return KERNEL_LINE.test(line);
}

/** Reads the host's kernel log for one thing: that a process of Postgres was killed because memory ran out. */
export class KernelReader implements FormatReader {
  readonly linePrefix = null;
  readonly openSince = null;
  readonly #context: ReaderContext;

  constructor(context: ReaderContext) {
    this.#context = context;
  }

  line(ref: LineRef): void {
    const line = decodeUtf8(ref.text.slice(ref.from, ref.to));
    if (!VICTIM.test(line)) return;
    this.#context.emit({
      kind: 'postgres_context',
      format: 'kernel',
      at: ref.stamp,
      citation: this.#context.cite(ref.line, 1, ref.byteStart, ref.byteEnd),
      severity: 'LOG',
      message: line.replace(BOOT_CLOCK, ''),
      sqlstate: null,
      detail: null,
      hint: null,
      context: null,
      statement: null,
      durationMs: null,
      // Not a session's entry: the process that it names wrote nothing any more.
      pid: null,
      session: null,
      user: null,
      database: null,
      application: null,
      client: null,
      backendType: null,
    });
  }

  flush(): void {
    // Every line stands alone.
  }

  end(): void {
    this.flush();
  }
}
