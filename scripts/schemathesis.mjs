/**
 * Runs Schemathesis (PyPI) over the OpenAPI document of the real daemon on a bundled capture: no 500, no answer that breaks its own schema. Needs
 * `schemathesis` (`pip install schemathesis`) on the PATH, or its path in SCHEMATHESIS; where there is none, says so and passes.
 */
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from './stamp.mjs';

const COMMAND = process.env.SCHEMATHESIS ?? 'schemathesis';
const CAPTURE = 'csvlog-16';
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
  'response_headers_conformance',
];
const EXAMPLES = process.argv[2] ?? '50';

if (spawnSync(COMMAND, ['--version'], { stdio: 'ignore' }).status === 0) {
  process.exitCode = await run();
} else {
  console.log('skipped: schemathesis is not installed (pip install schemathesis)');
}

async function run() {
  const folder = mkdtempSync(join(tmpdir(), 'whyd-schemathesis-'));
  const source = join(ROOT, 'fixtures', 'logs', CAPTURE);
  for (const name of readdirSync(source)) copyFileSync(join(source, name), join(folder, name));
  const config = join(folder, 'whyd.yaml');
  writeFileSync(
    config,
    `since: all\nindex: { path: whyd.db }\napi: { listen: 127.0.0.1:0, rate_limit: 1000000 }\nsources:\n  - { kind: denokv, path: denokv.log }\n  - { kind: postgres, path: '*.csv' }\n`,
  );
  const daemon = spawn(process.execPath, [join(ROOT, 'dist', 'cli', 'main.js'), 'run', '--config', config], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  try {
    const url = await addressOf(daemon);
    const token = readFileSync(join(folder, 'token'), 'utf8').trim();
    // Failures settle two seconds after both logs were read past them.
    await sleep(5000);
    const args = ['run', `${url}/openapi.json`, '--url', url, '--header', `Authorization: Bearer ${token}`];
    // The stream never ends.
    args.push('--exclude-path', '/v1/stream', '--checks', CHECKS.join(','), '--max-examples', EXAMPLES);
    args.push('--phases', 'examples,coverage,fuzzing', '--generation-database', 'none', '--seed', '1');
    return spawnSync(COMMAND, args, { stdio: 'inherit', cwd: folder }).status ?? 1;
  } finally {
    daemon.kill('SIGTERM');
    await new Promise((resolve) => daemon.once('exit', resolve));
    rmSync(folder, { recursive: true, force: true });
  }
}

async function addressOf(daemon) {
  let said = '';
  for await (const text of daemon.stderr.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    said += text;
    const url = /listening on (http:\S+?)[,\s]/.exec(said)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error(`the daemon did not start: ${said}`);
}
