import { pino, type Logger } from 'pino';

/** whyd's own log: JSON on stderr. The one place that knows pino. */
export function createLogger(): Logger {
  return pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ dest: 2, sync: true }));
}
