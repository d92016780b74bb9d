import { pino, type Logger } from 'pino';

export type { Logger } from 'pino';

/** whyd's own log: JSON on stderr, `level` by WHYD_LOG_LEVEL. The one place that knows pino. */
export function createLogger(level: string): Logger {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  );
}
