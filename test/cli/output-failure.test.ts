import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { EXIT } from '../../src/errors.ts';
import { COMMAND, isBuilt } from '../chaos/daemon-process.ts';

const FULL_DISK = '/dev/full';
const FOLDER = fileURLToPath(new URL('../../fixtures/logs/stderr-15', import.meta.url));
const LOG = `${FOLDER}/denokv.log`;

/** Runs the real command with the disk full under stdout, or under stdout and stderr. */
function whydOnFullDisk(
  args: readonly string[],
  streams: 'stdout' | 'both',
): { readonly status: number | null; readonly err: string | null } {
  const full = openSync(FULL_DISK, 'w');
  try {
    const { status, stderr } = spawnSync(process.execPath, [COMMAND, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', full, streams === 'both' ? full : 'pipe'],
      timeout: 60_000,
    });
    return { status, err: stderr };
  } finally {
    closeSync(full);
  }
}

describe.skipIf(!isBuilt || !existsSync(FULL_DISK))('output to a full disk', () => {
  test.each([['analyze', LOG], ['parse', LOG, '--json'], ['why', '--help'], ['man']])(
    'ends %s with one error and how to mend it',
    (...args) => {
      const { status, err } = whydOnFullDisk(args, 'stdout');
      expect(err).toBe(
        'whyd: stdout cannot be written: the disk is full\n' +
          'hint: What was written is cut: free space there and run it again.\n',
      );
      expect(status).toBe(EXIT.failure);
    },
  );

  test('ends it with the exit code alone where stderr is full too', () => {
    expect(whydOnFullDisk(['analyze', LOG], 'both')).toEqual({ status: EXIT.failure, err: null });
  });
});

test.skipIf(!isBuilt)('a reader that hangs up ends it quietly', () => {
  // More than a pipe holds.
  const script = '"$0" "$1" parse "$2"/*.log --json | head -c 100 > /dev/null; echo "${PIPESTATUS[0]}"';
  const { stdout, stderr } = spawnSync('bash', ['-c', script, process.execPath, COMMAND, FOLDER], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  expect(stdout).toBe('0\n');
  expect(stderr).not.toMatch(/cannot be written|EPIPE/);
});
