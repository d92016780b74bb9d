/** Runs every test with vitest, shows its output as it is, and ends with the counts alone on a line. Arguments are handed on to vitest. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './stamp.mjs';

const VITEST = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
const COUNT_REPORTER = join(ROOT, 'scripts', 'count-reporter.mjs');

function runVitest(countsFile) {
  const args = [VITEST, 'run', '--reporter=default', `--reporter=${COUNT_REPORTER}`, ...process.argv.slice(2)];
  const env = { ...process.env, WHYD_TEST_COUNTS: countsFile };
  return spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit', env }).status ?? 1;
}

/** vitest writes no counts when it dies before the end, or finds nothing to run. */
function readCounts(countsFile) {
  try {
    return JSON.parse(readFileSync(countsFile, 'utf8'));
  } catch {
    return { passed: 0, failed: 0, skipped: 0 };
  }
}

const folder = mkdtempSync(join(tmpdir(), 'whyd-test-'));
try {
  const countsFile = join(folder, 'counts.json');
  const status = runVitest(countsFile);
  const { passed, failed: failedTests, skipped } = readCounts(countsFile);
  const ran = passed + failedTests > 0;
  // An error that no test caught fails the run as a whole: the counts may not read as if all were well.
  const failed = ran && status !== 0 ? Math.max(failedTests, 1) : failedTests;
  if (!ran) process.stderr.write('whyd: no test ran\n');
  else if (failed > failedTests) process.stderr.write('whyd: vitest failed outside of any test, see above\n');
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  process.exitCode = status === 0 && failed === 0 && ran ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
