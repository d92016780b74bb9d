import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sha256Of } from '../../src/api/check-token.ts';
import { createListedToken, readTokenList, revokeListedToken, tokenListPath } from '../../src/config/token-list.ts';
import { WhydError } from '../../src/errors.ts';
import { listedTokens } from '../../src/live/listed-tokens.ts';
import { apiOver } from '../api/api-over.ts';
import { runCli, TEST_CLOCK } from '../cli/fake-terminal.ts';

const nowMs = Date.parse('2026-11-23T12:00:00Z');
const OWN = 'a-token-that-is-long-enough-for-tests';

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'whyd-tokens-'));
  path = tokenListPath(join(folder, 'token'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const create = (name: string, role: 'read' | 'admin' = 'read') => createListedToken(path, { name, role, nowMs });

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof WhydError) return error.code;
    throw error;
  }
  return 'no error';
}

describe('the list', () => {
  test('holds digests and no tokens, in a file of mode 0600', () => {
    const { token, listed } = create('grafana');
    expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).not.toContain(token);
    expect(readTokenList(path)).toEqual([listed]);
    expect(listed).toMatchObject({ name: 'grafana', role: 'read', sha256: sha256Of(token) });
    expect(existsSync(`${path}.new`)).toBe(false);
  });

  test('loses one by its id or its name, and keeps the others', () => {
    const [a, b, c] = [create('a').listed, create('b', 'admin').listed, create('c').listed];
    expect(revokeListedToken(path, b.id, nowMs)).toEqual(b);
    expect(revokeListedToken(path, 'a', nowMs)).toEqual(a);
    expect(readTokenList(path)).toEqual([c]);
    expect(codeOf(() => revokeListedToken(path, 'a', nowMs))).toBe('token.unknown');
  });

  test('refuses a name twice, bad names and the hundred and first token', () => {
    create('a');
    expect(codeOf(() => create('a'))).toBe('token.name_taken');
    for (const bad of ['', ' a', '\u001b[2J', 'x'.repeat(61), 'a/b'])
      expect(codeOf(() => create(bad))).toBe('token.bad_name');
    for (let number = 1; number < 100; number += 1) create(`n${String(number)}`);
    expect(codeOf(() => create('one more'))).toBe('token.too_many');
    expect(readTokenList(path)).toHaveLength(100);
  });

  test('is not changed by two at once, and a draft of a killed process is no hindrance', () => {
    create('a');
    writeFileSync(`${path}.new`, '');
    utimesSync(`${path}.new`, nowMs / 1000, nowMs / 1000);
    expect(codeOf(() => create('b'))).toBe('token.raced');
    utimesSync(`${path}.new`, nowMs / 1000 - 60, nowMs / 1000 - 60);
    create('b');
    expect(readTokenList(path).map(({ name }) => name)).toEqual(['a', 'b']);
  });

  test.each([
    [
      'no JSON',
      'token.malformed',
      () => {
        writeFileSync(path, 'x', { mode: 0o600 });
      },
    ],
    [
      'another thing',
      'token.malformed',
      () => {
        writeFileSync(path, '[{"role":"king"}]', { mode: 0o600 });
      },
    ],
    [
      'a link',
      'token.unusable',
      () => {
        symlinkSync('/etc/hostname', path);
      },
    ],
    [
      'what others can write',
      'token.exposed',
      () => {
        create('a');
        chmodSync(path, 0o666);
      },
    ],
  ])('that is %s is refused', (_, code, prepare) => {
    prepare();
    expect(codeOf(() => readTokenList(path))).toBe(code);
    expect(codeOf(() => create('b'))).toBe(code);
  });
});

test('the API takes a token of the list at once, by its role, and refuses it when it is taken away', async () => {
  const troubles: unknown[] = [];
  const listed = listedTokens(path, (error) => troubles.push(error));
  const api = apiOver([], {
    token: OWN,
    clock: () => TEST_CLOCK,
    tokens: () => [{ role: 'admin', sha256: sha256Of(OWN) }, ...listed()],
  });
  const ask = async (token: string, method: 'GET' | 'POST' = 'GET') => {
    const headers = { authorization: `Bearer ${token}`, host: 'localhost' };
    const more = method === 'POST' ? { payload: { text: 'deploy' } } : {};
    return (await api.app.inject({ method, url: '/v1/markers', headers, ...more })).statusCode;
  };
  try {
    expect(await ask('x'.repeat(43))).toBe(401);
    const [reader, admin] = [create('reader').token, create('admin', 'admin').token];
    expect([await ask(reader), await ask(reader, 'POST')]).toEqual([200, 403]);
    expect([await ask(admin), await ask(admin, 'POST')]).toEqual([200, 201]);
    revokeListedToken(path, 'reader', nowMs);
    expect([await ask(reader), await ask(admin)]).toEqual([401, 200]);
    writeFileSync(path, 'broken');
    expect([await ask(admin), await ask(admin), await ask(OWN)]).toEqual([401, 401, 200]);
    expect(troubles).toHaveLength(1);
  } finally {
    await api.close();
  }
});

describe('whyd token', () => {
  const run = (...args: readonly string[]) => runCli(['token', ...args, '--token-file', join(folder, 'token')]);

  test('create prints the token alone on stdout; list and revoke never show it', async () => {
    const made = await run('create', 'grafana');
    expect([made.exitCode, made.out.length]).toEqual([0, 1]);
    const [token = ''] = made.out;
    expect(made.err).toBe('whyd: this token may read; it cannot be shown again');
    const admin = await run('create', 'deploys', '--role', 'admin');
    expect(admin.err).toContain('may do all');
    const list = await run('list');
    expect(list.out.map((line) => line.replace(/^[0-9a-f]{10} {2}/, ''))).toEqual([
      expect.stringMatching(/^read {3}\S+ \S+ {2}grafana$/),
      expect.stringMatching(/^admin {2}\S+ \S+ {2}deploys$/),
    ]);
    const json = await run('list', '--json');
    expect(json.out.map((line) => Object.keys(JSON.parse(line) as object))).toEqual(
      [1, 2].map(() => ['id', 'name', 'role', 'createdAt']),
    );
    const revoked = await run('revoke', 'grafana');
    expect([revoked.exitCode, revoked.err]).toEqual([0, 'whyd: grafana is refused from now on']);
    for (const { out, err } of [list, json, revoked]) expect([...out, err].join(' ')).not.toContain(token);
    expect((await run('list')).out).toHaveLength(1);
    expect((await run('revoke', 'grafana')).exitCode).toBe(3);
  });

  test('a role that there is not is a usage error', async () => {
    expect((await run('create', 'x', '--role', 'king')).exitCode).toBe(2);
    expect(readTokenList(path)).toEqual([]);
  });
});

/** A file system of a few pages; null where none can be mounted (that needs root). */
function smallDisk(): string | null {
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk], { stdio: 'ignore' });
  return status === 0 ? disk : null;
}

test('a disk that is full half-way through the list leaves the old one as it is', ({ skip }) => {
  const disk = smallDisk() ?? skip('a file system of a few pages cannot be mounted here');
  try {
    path = join(disk, 'tokens.json');
    for (let number = 0; number < 40; number += 1) create(`number ${String(number)}`);
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(join(disk, 'ballast'), Buffer.alloc((bavail - 1) * bsize));
    expect(() => create('one more')).toThrow('the disk is full');
    expect(readTokenList(path)).toHaveLength(40);
    expect(existsSync(`${path}.new`)).toBe(false);
  } finally {
    spawnSync('umount', ['-l', disk], { stdio: 'ignore' });
  }
});
