import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DiskSync } from '../../src/tailers/disk-sync.ts';

/** Takes every write, and has nothing that could be synced: EINVAL. */
const NO_DISK = '/dev/null';

let descriptor: number;
let cleaned: number;
let sync: DiskSync;

beforeEach(() => {
  descriptor = openSync(NO_DISK, 'w');
  cleaned = 0;
  sync = new DiskSync(() => (cleaned += 1));
});

afterEach(() => {
  closeSync(descriptor);
});

describe('what did not reach the disk', () => {
  test('is not called clean, and is told once', async () => {
    sync.wrote(descriptor);
    let told: unknown = null;
    await vi.waitFor(
      () => {
        expect(sync.isClean).toBe(false);
        try {
          sync.throwIfFailed();
        } catch (error) {
          told = error;
        }
        expect(told).toMatchObject({ code: 'EINVAL' });
      },
      { timeout: 10_000, interval: 5 },
    );
    expect(cleaned).toBe(0);
    sync.throwIfFailed();
  });

  test('is told when the file is closed, at the latest', async () => {
    sync.wrote(descriptor);
    // Longer than it waits before it tries.
    await sleep(500);
    expect(() => {
      sync.finish();
    }).toThrow('EINVAL');
  });
});
