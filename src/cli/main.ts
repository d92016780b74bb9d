#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { DaemonHooks } from '../daemon.ts';
import { systemClock } from '../time/system-clock.ts';
import type { Engines } from './engines.ts';
import { exitOnOutputFailure } from './output-failure.ts';
import { runProgram } from './program.ts';
import { processTerminal } from './terminal.ts';

const version = readVersion();
// What one verb needs is loaded when it is asked for: reading a log must neither wait for the server's modules nor fail with the native one.
const engines: Engines = {
  analyze: async (paths, settings) => (await import('../analyze.ts')).analyze(paths, settings),
  parse: async (paths, { all, ...settings }) => {
    const { parseLogs } = await import('../parse.ts');
    const logs = await parseLogs(paths, { ...settings, keepStatements: all });
    const findings = logs.flatMap(({ finding }) => finding ?? []);
    const sources = logs.map(({ status }) => status);
    if (sources.every(({ detection }) => detection === null))
      (await import('../analyze.ts')).requireLog(sources, findings);
    return [...logs.flatMap(({ takenFor }) => takenFor ?? []), ...findings];
  },
  startDaemon: async (config, hooks) => {
    const { startDaemon } = await import('../daemon.ts');
    return startDaemon(config, process.stderr.isTTY ? hooks : await logged(hooks), { version, watch: true });
  },
  startDemo: async ({ speed }, hooks) => {
    const { startDemo } = await import('../demo.ts');
    return startDemo(
      {
        speed,
        captures: fileURLToPath(new URL('../../fixtures/logs', import.meta.url)),
        capture: 'stderr-15',
        version,
        watch: true,
      },
      hooks,
    );
  },
  discover: async (config) => (await import('../discovered-config.ts')).withDiscoveredLogs(config),
  checkup: async (config) => {
    const { checkup } = await import('../checkup.ts');
    if (config.file !== null || config.sources.length > 0)
      return checkup(config, config.file ?? 'flags and environment');
    const { withDiscoveredLogs } = await import('../discovered-config.ts');
    return checkup(
      (await withDiscoveredLogs(config)).config,
      'no configuration: the logs of this host were looked for',
    );
  },
  testSink: async (sink) => (await import('../sink-test.ts')).testSink(sink, { version, nowMs: Date.now() }),
};

exitOnOutputFailure();
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
async function logged(hooks: DaemonHooks): Promise<DaemonHooks> {
  const { createLogger } = await import('../log.ts');
  const logger = createLogger();
  return {
    ...hooks,
    onMessage: (message) => {
      logger.info(message);
    },
  };
}

/** package.json stands two folders up, from src/cli as from dist/cli. */
function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return typeof manifest === 'object' && manifest !== null ? String(Reflect.get(manifest, 'version')) : 'unknown';
}
