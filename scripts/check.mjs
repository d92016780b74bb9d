/** Types, lint, format and layer rules: runs all of them, whatever the first ones say, and names those that failed. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './stamp.mjs';

const tool = (...path) => join(ROOT, 'node_modules', ...path);

const types = (config) => [tool('typescript', 'bin', 'tsc'), '--noEmit', '-p', config];

const CHECKS = [
  { name: 'types', command: types('tsconfig.json') },
  { name: 'types of the dashboard', command: types('web/tsconfig.json') },
  { name: 'types of its tests', command: types('test/web/tsconfig.json') },
  { name: 'lint', command: [tool('eslint', 'bin', 'eslint.js'), '.'] },
  { name: 'format', command: [tool('prettier', 'bin', 'prettier.cjs'), '--check', '--log-level', 'warn', '.'] },
  { name: 'layers', command: [tool('dependency-cruiser', 'bin', 'dependency-cruise.mjs'), 'src', 'web/src'] },
];

function run(command) {
  return spawnSync(process.execPath, command, { cwd: ROOT, stdio: 'inherit' }).status === 0;
}

if (run([join(ROOT, 'scripts', 'prepare.mjs'), '--install-only'])) {
  const failed = CHECKS.filter(({ name, command }) => {
    console.log(`-- ${name}`);
    return !run(command);
  });
  const names = failed.map(({ name }) => name).join(', ');
  console.log(failed.length === 0 ? 'all checks passed' : `failed: ${names}`);
  process.exitCode = failed.length === 0 ? 0 : 1;
} else {
  process.exitCode = 1;
}
