import { buildNoiseKernel, RESULT } from './noise-kernel.ts';
import type { NoiseForm } from './noise-marks.ts';
import { MAX_SCAN_BYTES, placeOf, scanBytes, scanMemory } from './scan-memory.ts';

/** A stretch of lines that are not surely noise: byte offsets of its first line and behind its last, and how many lines come before it. */
export type OnRun = (from: number, to: number, linesBefore: number) => void;

export interface ScanCounts {
  readonly lines: number;
  readonly statements: number;
}

type Scan = (from: number, to: number, pidOffset: number) => void;

/** The little of it that is used: the compiler's own declarations come with a browser's. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (
    module: object,
    imports: { readonly env: { readonly memory: typeof scanMemory } },
  ) => { readonly exports: { readonly scan: Scan } };
};

const LF = 10;
/** Scans never run at the same time, so all logs of a form share one. */
const scanners = new Map<NoiseForm, Scan>();

/**
 * Passes over the statement noise of a log: hands out what is left and counts all lines. `bytes` are whole lines, as they stand in the file.
 * @param pidOffset where in a line of stderr form the pid stands, when only fields of fixed width stand before it; else -1.
 */
export function scanNoise(bytes: Buffer, form: NoiseForm, pidOffset: number, onRun: OnRun): ScanCounts {
  const scanner = scannerOf(form);
  let lines = 0;
  let statements = 0;
  for (let from = 0; from < bytes.length;) {
    const to = endOfPiece(bytes, from);
    if (to - from > MAX_SCAN_BYTES) {
      // One line that is longer than any that is read whole.
      onRun(from, to, lines);
      lines++;
    } else {
      const counts = scanPiece(scanner, bytes.subarray(from, to), pidOffset, (runFrom, runTo, linesBefore) => {
        onRun(from + runFrom, from + runTo, lines + linesBefore);
      });
      lines += counts.lines;
      statements += counts.statements;
    }
    from = to;
  }
  return { lines, statements };
}

function endOfPiece(bytes: Buffer, from: number): number {
  if (bytes.length - from <= MAX_SCAN_BYTES) return bytes.length;
  const last = bytes.lastIndexOf(LF, from + MAX_SCAN_BYTES - 1) + 1;
  return last > from ? last : bytes.indexOf(LF, from) + 1;
}

function scanPiece(scan: Scan, piece: Buffer, pidOffset: number, onRun: OnRun): ScanCounts {
  const from = placeOf(piece);
  scan(from, from + piece.length, pidOffset);
  const counts = { lines: scanBytes.readInt32LE(RESULT.lines), statements: scanBytes.readInt32LE(RESULT.statements) };
  const runsEnd = scanBytes.readInt32LE(RESULT.runs);
  for (let run: number = RESULT.firstRun; run < runsEnd; run += 12) {
    onRun(scanBytes.readInt32LE(run) - from, scanBytes.readInt32LE(run + 4) - from, scanBytes.readInt32LE(run + 8));
  }
  return counts;
}

function scannerOf(form: NoiseForm): Scan {
  const known = scanners.get(form);
  if (known !== undefined) return known;
  const kernel = new WebAssembly.Module(buildNoiseKernel(form));
  const { scan } = new WebAssembly.Instance(kernel, { env: { memory: scanMemory } }).exports;
  scanners.set(form, scan);
  return scan;
}
