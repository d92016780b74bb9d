/** The part of `process` that carries signals. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
  off(signal: NodeJS.Signals, listener: () => void): unknown;
  exit(code: number): unknown;
}

const STOP_SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
/** What a shell reports for a program that Ctrl-C ended. */
const INTERRUPTED = 130;

/** Calls `stop` at the first request to end and leaves at once at the second. Returns the releaser. */
export function onStopSignal(stop: () => void, source: SignalSource = process): () => void {
  let stopping = false;
  const listener = (): void => {
    if (stopping) source.exit(INTERRUPTED);
    stopping = true;
    stop();
  };
  for (const signal of STOP_SIGNALS) source.on(signal, listener);
  return () => {
    for (const signal of STOP_SIGNALS) source.off(signal, listener);
  };
}
