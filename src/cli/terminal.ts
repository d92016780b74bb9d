import { coloured, plain, wantsColour, type Style } from './style.ts';

/** Where a verb's words go. Each call writes whole lines; the newline is added. */
export interface Terminal {
  /** Data, to stdout. */
  out(line: string): void;
  /** Whole lines as bytes, to stdout. Settles when a slow reader has taken them: then, and not before, they may be overwritten. */
  outBytes(lines: Uint8Array): Promise<void>;
  /** Messages for the person at the keyboard, to stderr. */
  err(line: string): void;
  /** Columns to print data for; where stdout is no terminal, those of COLUMNS, else Infinity: nothing is to be cut. */
  readonly columns: number;
  readonly style: Style;
  /** Draws over one line of stderr; absent where stderr is no terminal. */
  readonly redraw?: (line: string) => void;
}

/** The terminal of this process. */
export function processTerminal(args: readonly string[]): Terminal {
  const { stdout, stderr } = process;
  const isTty = stdout.isTTY;
  return {
    out: (line) => void stdout.write(`${line}\n`),
    outBytes: (lines) =>
      new Promise((resolve) => {
        stdout.write(lines, () => {
          resolve();
        });
      }),
    err: (line) => void stderr.write(`${line}\n`),
    columns: isTty ? stdout.columns : columnsOf(process.env),
    style: wantsColour(isTty, process.env, args) ? coloured : plain,
    ...(stderr.isTTY ? { redraw: (line: string) => void stderr.write(`\r\x1b[2K${line}`) } : {}),
  };
}

/** Exported by who pipes the output to something that draws it: `watch`, a pager. */
export function columnsOf(env: Readonly<Record<string, string | undefined>>): number {
  const text = env['COLUMNS'] ?? '';
  return /^[1-9]\d{0,4}$/.test(text) ? Number(text) : Infinity;
}
