import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadOrCreateToken, readToken } from '../../src/config/token.ts';
import { WhydError } from '../../src/errors.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'whyd-token-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof WhydError) return error.code;
    throw error;
  }
  return 'no error';
}

test('a fresh token is 32 random bytes in a file of mode 0600, and stays', async () => {
  const path = join(folder, 'state', 'token');
  const token = await loadOrCreateToken(path);
  expect(Buffer.from(token, 'base64url')).toHaveLength(32);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, 'state')).mode & 0o077).toBe(0);
  expect(readFileSync(path, 'utf8')).toBe(`${token}\n`);
  expect(await loadOrCreateToken(path)).toBe(token);
  expect(await readToken(path)).toBe(token);
  expect(await loadOrCreateToken(join(folder, 'other'))).not.toBe(token);
});

test('reading alone creates nothing', async () => {
  expect(await codeOf(readToken(join(folder, 'token')))).toBe('token.missing');
  expect(await codeOf(readToken(join(folder, 'token')))).toBe('token.missing');
});

test('symbolic links are refused, dangling ones too', async () => {
  const target = join(folder, 'target');
  const link = join(folder, 'link');
  symlinkSync(target, link);
  expect(await codeOf(loadOrCreateToken(link))).toBe('token.symlink');
  writeFileSync(target, 'x'.repeat(40), { mode: 0o600 });
  expect(await codeOf(loadOrCreateToken(link))).toBe('token.symlink');
});

test.each([
  [0o600, 'no error'],
  [0o640, 'no error'],
  [0o644, 'token.exposed'],
  [0o660, 'token.exposed'],
])('mode %o', async (mode, expected) => {
  const path = join(folder, 'token');
  writeFileSync(path, 'x'.repeat(40));
  chmodSync(path, mode);
  expect(await codeOf(readToken(path))).toBe(expected);
});

test.each(['', 'short', `${'x'.repeat(40)}\n${'y'.repeat(40)}`, 'x'.repeat(5_000)])('%j is no token', async (text) => {
  const path = join(folder, 'token');
  writeFileSync(path, text, { mode: 0o600 });
  expect(await codeOf(loadOrCreateToken(path))).toBe('token.malformed');
});

test.each([
  ['', 'it is empty'],
  ['\n', 'it is empty'],
  ['short', 'it holds no token of at least 32 characters'],
  [`${'x'.repeat(40)}\n${'y'.repeat(40)}`, 'it holds several lines, a token is one'],
  [`\u007fELF\u0000${'x'.repeat(40)}`, 'it holds bytes that no token has'],
  ['x'.repeat(5_000), 'with 5000 bytes it is too large for a token'],
])('%j is told what it is, whoever may read it', async (text, says) => {
  const path = join(folder, 'token');
  writeFileSync(path, text);
  chmodSync(path, 0o644);
  await expect(readToken(path)).rejects.toMatchObject({
    code: 'token.malformed',
    message: `token file ${path}: ${says}`,
    hint: expect.stringMatching(
      /^Name the one that holds the token with --token-file; if this is the daemon's own/,
    ) as string,
  });
});

test('a folder is no token file', async () => {
  expect(await codeOf(loadOrCreateToken(folder))).toBe('token.malformed');
});
