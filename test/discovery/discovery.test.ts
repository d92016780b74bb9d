import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Engines } from '../../src/cli/engines.ts';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { startDaemon } from '../../src/daemon.ts';
import { withDiscoveredLogs } from '../../src/discovered-config.ts';
import { discoverLogs } from '../../src/discovery/discover-logs.ts';
import type { Discovered } from '../../src/discovery/found-log.ts';
import { EXIT } from '../../src/errors.ts';
import { runCli, type Run } from '../cli/fake-terminal.ts';

const CAPTURES = join(import.meta.dirname, '..', '..', 'fixtures', 'logs');

let folder: string;
let root: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'whyd-discovery-'));
  root = join(folder, 'root');
  mkdirSync(join(folder, 'units'));
  mkdirSync(join(folder, 'bin'));
  mkdirSync(root);
  copyFileSync(join(import.meta.dirname, 'systemctl.mjs'), join(folder, 'bin', 'systemctl'));
  chmodSync(join(folder, 'bin', 'systemctl'), 0o755);
  writeFileSync(join(folder, 'bin', 'package.json'), '{"type":"module"}');
  vi.stubEnv('PATH', `${join(folder, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`);
  vi.stubEnv('WHYD_TEST_UNITS', join(folder, 'units'));
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

function put(path: string, text = ''): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function unit(name: string, text = '[Service]\nExecStart=/usr/bin/denokv\n'): void {
  writeFileSync(join(folder, 'units', name), text);
}

/** What was found, as `kind place`, the root taken off. */
async function found(): Promise<readonly string[]> {
  const { logs } = await discoverLogs({ root });
  return logs.map(({ kind, paths, journalUnit }) => `${kind} ${journalUnit ?? paths.join(' ').replaceAll(root, '')}`);
}

const ACCESS = '10.0.0.7 - - [23/Nov/2026:05:43:22 +0000] "POST /v2/atomic_write HTTP/1.1" 500 34 "-" "Deno"\n';

describe('what is found', () => {
  test('on Debian: a unit, a cluster, and the proxy that serves denokv', async () => {
    unit('denokv.service');
    unit('postgresql@15-main.service');
    put(
      '/etc/postgresql/15/main/postgresql.conf',
      "data_directory = '/var/lib/postgresql/15/main' # here\n#logging_collector = on\n",
    );
    put('/var/lib/postgresql/15/main/PG_VERSION', '15\n');
    put('/var/log/postgresql/postgresql-15-main.log');
    put('/var/log/nginx/access.log', 'GET / HTTP/1.1\n');
    put('/var/log/nginx/kv.access.log', ACCESS);
    expect(await found()).toEqual([
      'denokv denokv.service',
      'postgres /var/log/postgresql/postgresql-15-main.log',
      'proxy /var/log/nginx/kv.access.log',
    ]);
  });

  test('on Debian with the collector: where its configuration says, and each cluster', async () => {
    put(
      '/etc/postgresql/15/main/postgresql.conf',
      "logging_collector = on\nlog_directory = '/srv/pg''s logs'\nlog_destination=csvlog\n",
    );
    put('/etc/postgresql/16/kv/postgresql.conf', "log_directory = '/srv/old'\n");
    put(
      '/var/lib/postgresql/16/kv/postgresql.auto.conf',
      "logging_collector = 'on'\nlog_directory = 'new'\nlog_destination = 'stderr,jsonlog'\n",
    );
    expect(await found()).toEqual(["postgres /srv/pg's logs/*.csv", 'postgres /var/lib/postgresql/16/kv/new/*.json']);
  });

  test('on RHEL: what the server itself says, and a unit that writes to a file', async () => {
    unit('denokv@kv.service', '[Service]\nStandardOutput=null\nStandardError=append:/var/log/denokv/kv.err\n');
    put('/var/lib/pgsql/15/data/postgresql.conf', "logging_collector = on\nlog_directory = 'log'\n");
    put('/var/lib/pgsql/15/data/current_logfiles', 'stderr log/postgresql-Mon.log\n');
    put('/var/lib/pgsql/16/data/postgresql.conf', "logging_collector = on\nlog_directory = 'log'\n");
    expect(await found()).toEqual([
      'denokv /var/log/denokv/kv.err',
      'postgres /var/lib/pgsql/15/data/current_logfiles',
      'postgres /var/lib/pgsql/16/data/log/*.log',
    ]);
  });

  test('a server whose only log is the journal, and a denokv without a unit', async () => {
    unit('postgresql-15.service');
    put('/var/lib/pgsql/15/data/postgresql.conf', 'logging_collector = off\n');
    put('/var/log/denokv/denokv.log');
    expect(await found()).toEqual(['denokv /var/log/denokv/*.log', 'postgres postgresql-15.service']);
  });

  test.each([
    ['StandardError=journal', 'denokv.service'],
    ['StandardOutput=file:/var/log/kv.out', '/var/log/kv.out'],
    ['StandardOutput=file:/var/log/kv.out\nStandardError=journal', 'denokv.service'],
    ['StandardError=append:/a.log\nStandardError=truncate:/b.log', '/b.log'],
  ])('a unit with %j: %s', async (setting, place) => {
    unit('denokv.service', `[Service]\n${setting}\n`);
    expect(await found()).toEqual([`denokv ${place}`]);
  });

  test("docker's containers, by their images and names", async () => {
    const container = (id: string, image: string, name: string): void => {
      put(`/var/lib/docker/containers/${id}/${id}-json.log`);
      put(
        `/var/lib/docker/containers/${id}/config.v2.json`,
        JSON.stringify({ Config: { Image: image }, Name: `/${name}` }),
      );
    };
    container('a1', 'ghcr.io/denoland/denokv:latest', 'kv');
    container('b2', 'postgres:16', 'db');
    container('c3', 'redis:7', 'cache');
    put('/var/lib/docker/containers/d4/d4-json.log');
    put('/var/lib/docker/containers/d4/config.v2.json', '{"Name":');
    expect(await found()).toEqual([
      'denokv /var/lib/docker/containers/a1/a1-json.log',
      'postgres /var/lib/docker/containers/b2/b2-json.log',
    ]);
  });

  test("Kubernetes' pods, by their containers, restarts and all", async () => {
    const id = 'f'.repeat(64);
    for (const name of ['denokv-7d9_prod_denokv', 'denokv-7d9_prod_istio-proxy', 'pg-1_prod_postgres']) {
      put(`/var/log/pods/${name}/0.log`);
      mkdirSync(join(root, 'var/log/containers'), { recursive: true });
      symlinkSync(join(root, `var/log/pods/${name}/0.log`), join(root, `var/log/containers/${name}-${id}.log`));
    }
    expect(await found()).toEqual([
      'denokv /var/log/containers/denokv-7d9_prod_denokv-*.log',
      'postgres /var/log/containers/pg-1_prod_postgres-*.log',
    ]);
  });

  test('the usual folder, where nothing else tells: one form of it', async () => {
    put('/var/log/postgresql/a.log');
    put('/var/log/postgresql/a.csv');
    expect(await found()).toEqual(['postgres /var/log/postgresql/*.csv']);
  });
});

describe('what lacks', () => {
  const lacks = async (): Promise<Discovered['lacks']> => (await discoverLogs({ root })).lacks;

  test('is said, with how to mend it', async () => {
    const all = await lacks();
    expect(all.map(({ says }) => says.split(' was found')[0])).toEqual([
      'no denokv log',
      'no Postgres log',
      "no proxy log that names denokv's routes",
    ]);
    for (const { mend } of all) expect(mend).toContain('sources: [{ kind:');
  });

  test('several denokv logs are said', async () => {
    unit('denokv-a.service');
    unit('denokv-b.service');
    expect((await lacks()).at(-1)?.says).toMatch(/^2 denokv logs were found/);
  });

  test('no systemctl is no error', async () => {
    vi.stubEnv('PATH', join(folder, 'nothing'));
    put('/var/log/denokv/denokv.log');
    expect(await found()).toEqual(['denokv /var/log/denokv/*.log']);
  });

  test('what may not be looked into', async () => {
    put('/var/lib/pgsql/15/data/postgresql.conf', 'logging_collector = on\n');
    chmodSync(folder, 0o755);
    chmodSync(join(root, 'var/lib/pgsql/15/data'), 0o000);
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.(65_534);
    try {
      expect((await lacks()).find(({ says }) => says.startsWith('this user'))?.says).toContain(
        '/var/lib/pgsql/15/data/',
      );
    } finally {
      if (isRoot) process.seteuid?.(0);
      chmodSync(join(root, 'var/lib/pgsql/15/data'), 0o700);
    }
  });
});

describe('whyd run without a configuration', () => {
  async function run(args: readonly string[], start: (config: Config) => void): Promise<Run> {
    const engines: Engines = {
      discover: (config) => withDiscoveredLogs(config, root),
      startDaemon: (config) => {
        start(config);
        return Promise.resolve({
          url: 'http://x',
          token: 't',
          finished: Promise.resolve(),
          close: () => Promise.resolve(),
        });
      },
    };
    return runCli(['run', ...args], { engines });
  }

  test('takes what is there, and says what it took and what lacks', async () => {
    unit('denokv.service');
    put('/var/log/postgresql/a.log');
    const configs: Config[] = [];
    const { exitCode, err } = await run(['--index', join(folder, 'whyd.db')], (config) => configs.push(config));
    expect([exitCode, configs[0]?.index.path]).toEqual([EXIT.ok, join(folder, 'whyd.db')]);
    expect(configs[0]?.sources.map(({ kind }) => kind)).toEqual(['denokv', 'postgres']);
    expect(err).toContain('whyd: found a denokv log: the journal of denokv.service (the journal of its unit)');
    expect(err).toContain(`whyd: found a postgres log: ${root}/var/log/postgresql/*.log (the usual folder)`);
    expect(err).toContain("whyd: no proxy log that names denokv's routes was found");
    expect(err).toContain('hint: name it in a configuration: sources: [{ kind: proxy');
  });

  test('refuses to start when it found nothing, and a proxy log alone is nothing', async () => {
    put('/var/log/nginx/access.log', ACCESS);
    const { exitCode, err } = await run([], () => {
      throw new Error('it was started');
    });
    expect(exitCode).toBe(EXIT.badConfiguration);
    expect(err).toContain('there is no log to follow: none was found on this host');
    expect(err).toContain('no denokv log was found (units denokv*, /var/log/denokv, containers)');
  });

  test('looks for nothing where a configuration is given', async () => {
    unit('denokv.service');
    const file = join(folder, 'whyd.yaml');
    writeFileSync(file, 'sources: []\n');
    const { exitCode, err } = await run(['--config', file], () => undefined);
    expect([exitCode, err]).toEqual([EXIT.badConfiguration, expect.stringContaining('names no sources')]);
  });

  test('the real daemon answers from what was found', { timeout: 60_000 }, async () => {
    put('/var/log/denokv/denokv.log', readFileSync(join(CAPTURES, 'csvlog-16', 'denokv.log'), 'utf8'));
    put('/var/lib/pgsql/16/data/current_logfiles', 'csvlog log/postgresql-2026-11-23_053716.csv\n');
    for (const name of ['postgresql-2026-11-23_053600.csv', 'postgresql-2026-11-23_053716.csv']) {
      put(`/var/lib/pgsql/16/data/log/${name}`, readFileSync(join(CAPTURES, 'csvlog-16', name), 'utf8'));
    }
    const flags = { index: join(folder, 'state', 'whyd.db'), listen: '127.0.0.1:0', since: 'all' };
    const { config } = await withDiscoveredLogs(loadConfig({ file: null, env: {}, flags }), root);
    let settle: (file: string) => void = () => undefined;
    const settled = new Promise<string>((resolve) => {
      settle = resolve;
    });
    const daemon = await startDaemon(
      config,
      {
        onFailure: ({ postgres }) => {
          if (postgres !== null) settle(postgres.file);
        },
        onMessage: () => undefined,
        signal: new AbortController().signal,
      },
      { version: '1', watch: true },
    );
    try {
      expect(await settled).toMatch(/^postgresql-2026-11-23_\d+\.csv$/);
    } finally {
      await daemon.close();
    }
  });
});
