#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { analyze } from '../analyze.ts';
import { startDaemon, type DaemonHooks } from '../daemon.ts';
import { startDemo } from '../demo.ts';
import { createLogger } from '../log.ts';
import { parseLogs } from '../parse.ts';
import { systemClock } from '../time/system-clock.ts';
import type { Engines } from './engines.ts';
import { runProgram } from './program.ts';
import { processTerminal } from './terminal.ts';

const version = readVersion();
const engines: Engines = {
  analyze,
  parse: async (paths, { all, onEvent, ...settings }) => {
    const logs = await parseLogs(paths, {
      ...settings,
      keepStatements: all,
      onEvents: (events) => {
        events.forEach(onEvent);
      },
    });
    return logs.flatMap(({ finding }) => finding ?? []);
  },
  startDaemon: (config, hooks) => startDaemon(config, process.stderr.isTTY ? hooks : logged(hooks), { version, watch: true }),
  startDemo: ({ speed }, hooks) => startDemo({ speed, captures: fileURLToPath(new URL('../../fixtures/logs', import.meta.url)), capture: 'stderr-15', version, watch: true }, hooks),
};

const args = process.argv.slice(2);
// The code is set, not exited with: what was written to a slow pipe still gets out.
process.exitCode = await runProgram(args, {
  terminal: processTerminal(args),
  env: process.env,
  clock: systemClock,
  version,
  engines,
});

/** Under a service manager nobody watches a terminal: what the daemon says of itself is structured, for the journal. */
function logged(hooks: DaemonHooks): DaemonHooks {
  const logger = createLogger(process.env['WHYD_LOG_LEVEL'] ?? 'info');
  return { ...hooks, onMessage: (message) => { logger.info(message); } };
}

/** package.json stands two folders up, from src/cli as from dist/cli. */
function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return typeof manifest === 'object' && manifest !== null ? String(Reflect.get(manifest, 'version')) : 'unknown';
}
