import type { CliParts } from './cli-parts.ts';
import type { DaemonHooks, RunningDaemon } from './engines.ts';
import { escapeOnOneLine } from './escape.ts';
import { createProgressBar, type ProgressBar } from './progress-bar.ts';
import { showLine } from './show-line.ts';
import { onStopSignal, type SignalSource } from './stop-signal.ts';
import type { Terminal } from './terminal.ts';

/**
 * Starts a daemon, prints each failure as it settles, and stays until a signal or the daemon itself ends it. Closes it in every case.
 * On a terminal a bar shows how far what was there already is read.
 */
export async function runDaemon<Daemon extends RunningDaemon>(
  { terminal: bare, clock }: CliParts,
  start: (hooks: DaemonHooks) => Promise<Daemon>,
  onStarted: (daemon: Daemon, terminal: Terminal) => void,
  signals?: SignalSource,
  reading = 'reading',
): Promise<void> {
  const bar = createProgressBar(bare, () => clock().nowMs, reading);
  const terminal = printingAround(bar, bare);
  const stop = new AbortController();
  const release = onStopSignal(() => {
    terminal.err('whyd: stopping (again to stop at once)');
    stop.abort();
  }, signals);
  try {
    const { columns, style } = terminal;
    const daemon = await start({
      onFailure: (verdict) => {
        terminal.out(showLine(verdict, { columns, style, zone: clock().zone }));
      },
      onMessage: (message) => {
        terminal.err(`whyd: ${escapeOnOneLine(message)}`);
      },
      signal: stop.signal,
      ...(bare.redraw === undefined ? {} : { onProgress: drawOn(bar) }),
    });
    try {
      onStarted(daemon, terminal);
      await Promise.race([aborted(stop.signal), daemon.finished]);
    } finally {
      await daemon.close();
    }
  } finally {
    bar.clear();
    release();
  }
}

/** The terminal whose lines do not run into the bar. */
function printingAround({ clear }: ProgressBar, terminal: Terminal): Terminal {
  return {
    ...terminal,
    out: (line) => {
      clear();
      terminal.out(line);
    },
    err: (line) => {
      clear();
      terminal.err(line);
    },
  };
}

function drawOn({ show, clear }: ProgressBar): NonNullable<DaemonHooks['onProgress']> {
  return (progress) => {
    if (progress === null) clear();
    else show(progress);
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
}
