import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startDaemon, type DaemonHooks, type DaemonSettings, type RunningDaemon } from './daemon.ts';
import { DEFAULTS } from './config/config.ts';
import type { SourceKind } from './domain.ts';
import { LogParser } from './parsers/log-parser.ts';
import { createZoneResolver } from './time/zone.ts';

export interface DemoSettings extends DaemonSettings {
  /** So many times faster than the captures were written. */
  readonly speed: number;
  /** The folder that holds one folder a capture. */
  readonly captures: string;
  /** Which of them to replay. */
  readonly capture: string;
}

/** A stretch of a captured file, to be written when its first entry was. */
interface Piece {
  readonly file: string;
  readonly atUs: number;
  readonly bytes: Buffer;
}

/** Quiet stretches of a capture are cut short: nobody wants to watch nothing. */
const MAX_PAUSE_MS = 1500;

/** The daemon on a bundled capture: its files are written anew into a temporary folder, in their original order and spacing, sped up, while they are followed. */
export async function startDemo(
  settings: DemoSettings,
  hooks: DaemonHooks,
): Promise<RunningDaemon & { readonly tokenFile: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'whyd-'));
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const capture = join(settings.captures, settings.capture);
    const files = readdirSync(capture).filter((name) => /\.(?:log|csv|json)$/.test(name));
    const read = files.map((name) => piecesOf(join(capture, name), name));
    for (const { file } of read) writeFileSync(join(folder, file), '');
    const tokenFile = join(folder, 'token');
    const kinds: readonly SourceKind[] = ['denokv', 'postgres'];
    const daemon = await startDaemon(
      {
        file: null,
        sources: kinds.map((kind) => ({
          kind,
          paths: read.filter((one) => one.kind === kind).map(({ file }) => join(folder, file)),
          linePrefix: null,
          timezone: null,
        })),
        identity: { user: null, database: null, application: null },
        index: { path: join(folder, 'whyd.db'), keep: { days: DEFAULTS.keepDays, sizeBytes: DEFAULTS.keepSizeBytes } },
        // Two demos, or a demo beside the real daemon, must not fight over the port.
        api: { listen: { host: DEFAULTS.listen.host, port: 0 }, tokenFile },
        warnings: [],
      },
      hooks,
      settings,
    );
    const stop = new AbortController();
    const signal = AbortSignal.any([hooks.signal, stop.signal]);
    const pieces = read.flatMap((one) => one.pieces).sort((a, b) => a.atUs - b.atUs);
    hooks.onMessage(
      `replaying ${String(files.length)} captured logs (${settings.capture}), ${String(settings.speed)} times as fast as they were written`,
    );
    const replayed = replay(pieces, folder, settings.speed, signal, hooks.onProgress).then(() => {
      if (!signal.aborted) hooks.onMessage('the captures are replayed; the daemon goes on following them');
    });
    return {
      ...daemon,
      tokenFile,
      close: async () => {
        stop.abort();
        await replayed;
        await daemon.close();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Cuts a captured file at its entries, so that each can be written at its own time. */
function piecesOf(
  path: string,
  file: string,
): { readonly file: string; readonly kind: SourceKind | null; readonly pieces: readonly Piece[] } {
  const bytes = readFileSync(path);
  const parser = new LogParser({
    fileId: 0,
    file,
    hints: { kind: null, linePrefix: null },
    zones: createZoneResolver(null),
    keepStatements: true,
    linesBefore: 0,
  });
  const events = [...parser.push({ fileId: 0, byteStart: 0, bytes, startsGeneration: true }), ...parser.end()];
  const pieces: Piece[] = [];
  let from = 0;
  let atUs = events.find(({ at }) => at !== null)?.at?.us ?? 0;
  for (const { at, citation } of events) {
    if (citation.byteStart > from) {
      pieces.push({ file, atUs, bytes: bytes.subarray(from, citation.byteStart) });
      from = citation.byteStart;
    }
    atUs = Math.max(atUs, at?.us ?? 0);
  }
  pieces.push({ file, atUs, bytes: bytes.subarray(from) });
  return { file, kind: parser.detection?.kind ?? null, pieces };
}

async function replay(
  pieces: readonly Piece[],
  folder: string,
  speed: number,
  signal: AbortSignal,
  onProgress: DaemonHooks['onProgress'],
): Promise<void> {
  let lastUs = pieces[0]?.atUs ?? 0;
  let doneBytes = 0;
  const totalBytes = pieces.reduce((sum, { bytes }) => sum + bytes.length, 0);
  for (const { file, atUs, bytes } of pieces) {
    const pauseMs = Math.min(MAX_PAUSE_MS, (atUs - lastUs) / 1000 / speed);
    if (pauseMs > 1) await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    lastUs = Math.max(lastUs, atUs);
    appendFileSync(join(folder, file), bytes);
    doneBytes += bytes.length;
    onProgress?.({ doneBytes, totalBytes });
  }
  onProgress?.(null);
}
