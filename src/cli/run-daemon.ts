import type { CliParts } from './cli-parts.ts';
import type { DaemonHooks, RunningDaemon } from './engines.ts';
import { escapeOnOneLine } from './escape.ts';
import { showLine } from './show-line.ts';
import { onStopSignal, type SignalSource } from './stop-signal.ts';

/** Starts a daemon, prints each failure as it settles, and stays until a signal or the daemon itself ends it. Closes it in every case. */
export async function runDaemon(
  { terminal, clock }: CliParts,
  start: (hooks: DaemonHooks) => Promise<RunningDaemon>,
  onStarted: (daemon: RunningDaemon) => void,
  signals?: SignalSource,
): Promise<void> {
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
    });
    try {
      onStarted(daemon);
      await Promise.race([aborted(stop.signal), daemon.finished]);
    } finally {
      await daemon.close();
    }
  } finally {
    release();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
}
