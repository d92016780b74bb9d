import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkup } from '../../src/checkup.ts';
import { createClient } from '../../src/cli/client.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { EXIT } from '../../src/errors.ts';
import { apiOver, type TestApi } from '../api/api-over.ts';
import { makeVerdict } from '../query/memory-reader.ts';
import { runCli, TEST_CLOCK } from './fake-terminal.ts';

const TOKEN = 'a-token-that-is-long-enough-for-tests';
const CERT_FILE = join(import.meta.dirname, 'tls', 'cert.pem');
const KEY_FILE = join(import.meta.dirname, 'tls', 'key.pem');
const cert = readFileSync(CERT_FILE, 'utf8');

let folder = '';
let config = '';
let tokenFile = '';
let url = '';
let api: TestApi;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'whyd-tls-'));
  tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, `${TOKEN}\n`, { mode: 0o600 });
  const tls = { cert: Buffer.from(cert), key: readFileSync(KEY_FILE) };
  api = apiOver([makeVerdict()], { token: TOKEN, clock: () => TEST_CLOCK, tls });
  url = await api.app.listen({ host: '127.0.0.1', port: 0 });
  config = join(folder, 'whyd.yaml');
  writeFileSync(
    config,
    `api: { listen: ${new URL(url).host}, token_file: token, tls: { cert_file: ${CERT_FILE}, key_file: ${KEY_FILE} } }\n`,
  );
});
afterAll(async () => {
  await api.close();
  rmSync(folder, { recursive: true });
});

describe('a daemon with TLS', () => {
  test('is asked over https, its own certificate trusted whatever name it bears', async () => {
    expect(url).toMatch(/^https:/);
    const run = await runCli(['why', 'last', '--config', config]);
    expect([run.exitCode, run.err]).toEqual([EXIT.ok, '']);
    expect(run.out[0]).toContain('atomic_write got HTTP 500');
  });

  test('can be posted to, and refuses', async () => {
    const run = await runCli(['issues', 'resolve', 'i_nosuch', '--config', config]);
    expect(run.exitCode).toBe(EXIT.noMatch);
  });

  test('streams', async () => {
    const stop = new AbortController();
    const stream = await createClient({ url, token: TOKEN, certificate: cert }).stream(null, stop.signal);
    const reader = stream.getReader();
    expect((await reader.read()).value?.length).toBeGreaterThan(0);
    stop.abort();
    const drain = async (): Promise<void> => {
      while (!(await reader.read()).done);
    };
    await expect(drain()).rejects.toThrow();
  });

  test('is not trusted by who does not know it, and says how to', async () => {
    const run = await runCli(['why', 'last', '--url', url, '--token-file', tokenFile]);
    expect(run.exitCode).toBe(EXIT.unreachable);
    expect(run.err).toMatch(/SELF_SIGNED_CERT.*\nhint: Give the daemon's configuration with --config/);
  });

  test('is known to the doctor for what it is', async () => {
    const findings = await checkup(loadConfig({ file: config, env: {}, flags: {} }), config);
    expect(findings.find(({ check }) => check === 'api.listening')).toMatchObject({
      result: 'ok',
      says: `a daemon answers at ${new URL(url).host}`,
    });
  });

  test('whose certificate cannot be read is bad configuration', async () => {
    const broken = join(folder, 'broken.yaml');
    writeFileSync(broken, `api: { tls: { cert_file: none.pem, key_file: none.pem }, token_file: token }\n`);
    const run = await runCli(['why', 'last', '--config', broken]);
    expect([run.exitCode, run.err]).toEqual([
      EXIT.badConfiguration,
      expect.stringContaining("cannot read the daemon's certificate"),
    ]);
  });
});

test('another certificate is not that of the daemon', async () => {
  const plain = apiOver([], { token: TOKEN, clock: () => TEST_CLOCK });
  try {
    const address = await plain.app.listen({ host: '127.0.0.1', port: 0 });
    const client = createClient({ url: address.replace('http:', 'https:'), token: TOKEN, certificate: cert });
    await expect(client.sources()).rejects.toMatchObject({ code: 'daemon.unreachable' });
  } finally {
    await plain.close();
  }
});
