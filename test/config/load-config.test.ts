import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { loadConfig, type ConfigFlags } from '../../src/config/load-config.ts';
import { EXIT, WhydError } from '../../src/errors.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'whyd-config-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function load(yaml: string, env: Record<string, string> = {}, flags: ConfigFlags = {}): Config {
  const file = join(folder, 'whyd.yaml');
  writeFileSync(file, yaml);
  return loadConfig({ file, env, flags });
}

function complaint(run: () => unknown): { code: string; message: string; hint: string | null } {
  try {
    run();
  } catch (error) {
    if (!(error instanceof WhydError)) throw error;
    expect(error.exitCode).toBe(EXIT.badConfiguration);
    return { code: error.code, message: error.message.replace(folder, ''), hint: error.hint };
  }
  throw new Error('nothing was thrown');
}

describe('a good file', () => {
  test('gives its settings, typed and absolute', () => {
    const config = load(`
sources:
  - { kind: denokv, path: /var/log/denokv.log }
  - kind: postgres
    path: [logs/*.log, /a.csv]
    line_prefix: '%m [%p] '
    timezone: Europe/Rome
identity: { user: kv, application: app }
index: { path: state/whyd.db, keep: { days: 7, size: 500MiB } }
api: { listen: '[::1]:9000' }
`);
    expect(config.sources).toEqual([
      { kind: 'denokv', paths: ['/var/log/denokv.log'], linePrefix: null, timezone: null },
      {
        kind: 'postgres',
        paths: [join(folder, 'logs/*.log'), '/a.csv'],
        linePrefix: '%m [%p] ',
        timezone: 'Europe/Rome',
      },
    ]);
    expect(config.identity).toEqual({ user: 'kv', database: null, application: 'app' });
    expect(config.index).toEqual({
      path: join(folder, 'state/whyd.db'),
      keep: { days: 7, sizeBytes: 500 * 2 ** 20 },
    });
    expect(config.api).toEqual({ listen: { host: '::1', port: 9000 }, tokenFile: join(folder, 'state/token') });
    expect(config.warnings).toEqual([]);
  });

  test('an empty one gives the defaults, as no file does', () => {
    const expected = {
      sources: [],
      identity: { user: null, database: null, application: null },
      sinceMs: 86_400_000,
      index: { path: '/var/lib/whyd/whyd.db', keep: { days: 30, sizeBytes: 2 ** 31 } },
      api: { listen: { host: '127.0.0.1', port: 7433 }, tokenFile: '/var/lib/whyd/token' },
      postgres: { urlFile: null },
      sinks: [],
      warnings: [],
    };
    expect(load('# nothing\n')).toMatchObject(expected);
    expect(loadConfig({ file: null, env: {}, flags: {} })).toEqual({ file: null, ...expected });
  });

  test('flags win over the environment, that over the file', () => {
    const yaml = 'api: { listen: 127.0.0.1:1 }\nindex: { path: /file.db }\nidentity: { user: file }\n';
    const env = { WHYD_API_LISTEN: '127.0.0.1:2', WHYD_INDEX_PATH: '/env.db' };
    const config = load(yaml, env, { listen: '127.0.0.1:3' });
    expect(config.api.listen).toEqual({ host: '127.0.0.1', port: 3 });
    expect([config.index.path, config.identity.user]).toEqual(['/env.db', 'file']);
  });

  test('WHYD_CONFIG names the file', () => {
    const file = join(folder, 'other.yaml');
    writeFileSync(file, 'identity: { user: other }');
    expect(loadConfig({ file: null, env: { WHYD_CONFIG: file }, flags: {} }).identity.user).toBe('other');
  });

  test('aliases are followed', () => {
    const config = load('sources:\n  - &a { kind: denokv, path: /x }\n  - *a\n');
    expect(config.sources[1]).toEqual(config.sources[0]);
  });
});

const SINK = 'name: ops, kind: webhook, secret_file: ops.secret';

test('a unix socket stands beside the file that names it, and wants neither TLS nor a word about a proxy', () => {
  expect(load('api: { listen: "unix:api.sock" }').api.listen).toEqual({ socket: join(folder, 'api.sock') });
  expect(load('', { WHYD_API_LISTEN: 'unix:/run/whyd/api.sock' }).api.listen).toEqual({
    socket: '/run/whyd/api.sock',
  });
  const tls = 'api: { listen: "unix:/s", tls: { cert_file: a.pem, key_file: b.pem } }';
  expect(complaint(() => load(tls)).message).toContain('a unix socket has no use for certificates');
});

test('beyond the loopback the API wants TLS or a proxy', () => {
  const yaml = (more: string): string => `api: { listen: 0.0.0.0:7433${more} }\n`;
  expect(load(yaml(', behind_proxy: true, hosts: "whyd.example.org,whyd"')).api).toMatchObject({
    listen: { host: '0.0.0.0', port: 7433 },
    isBehindProxy: true,
    hosts: ['whyd.example.org', 'whyd'],
  });
  expect(load(yaml(', behind_proxy: true, hosts: [whyd.example.org, whyd]')).api.hosts).toEqual([
    'whyd.example.org',
    'whyd',
  ]);
  const tls = ', tls: { cert_file: a.pem, key_file: b.pem }, read_token_file: reader, rate_limit: 100';
  expect(load(yaml(tls)).api).toMatchObject({
    tls: { certFile: join(folder, 'a.pem'), keyFile: join(folder, 'b.pem') },
    readTokenFile: join(folder, 'reader'),
    rateLimit: 100,
  });
  expect(complaint(() => load(yaml(', tls: { cert_file: a.pem }'))).code).toBe('config.half_tls');
  expect(complaint(() => load(yaml(', behind_proxy: perhaps'))).message).toContain('neither true nor false');
});

test('sinks are read, with a warning that they open no ticket; strays of the environment are warned of too', () => {
  const { warnings, sinks } = load(
    `tickets:\n  sinks:\n    - { ${SINK}, url: 'https://hooks.example/x?y' }\n    - { name: b, kind: webhook, url_file: /u, secret_file: /s }\n`,
    { WHYD_INDEX_PTH: '/x' },
  );
  expect(sinks).toEqual([
    {
      kind: 'webhook',
      name: 'ops',
      url: 'https://hooks.example/x?y',
      urlFile: null,
      secretFile: join(folder, 'ops.secret'),
    },
    { kind: 'webhook', name: 'b', url: null, urlFile: '/u', secretFile: '/s' },
  ]);
  expect(warnings.map((text) => text.replace(folder, ''))).toEqual([
    '/whyd.yaml:1: tickets: no ticket is opened yet; whyd sink test tries a sink out',
    'WHYD_INDEX_PTH is set but whyd does not know it; did you mean WHYD_INDEX_PATH?',
  ]);
  expect(load('tickets: { sinks: [], rules: [] }\n')).toMatchObject({ sinks: [], warnings: [] });
});

test("the database's address is named by a file, in the file, the environment and on the command line", () => {
  const yaml = 'postgres: { url_file: secret/url }\n';
  expect(load(yaml).postgres).toEqual({ urlFile: join(folder, 'secret/url') });
  expect(load(yaml, { WHYD_POSTGRES_URL_FILE: '/env' }).postgres).toEqual({ urlFile: '/env' });
  expect(load(yaml, {}, { postgresUrlFile: '/flag' }).postgres).toEqual({ urlFile: '/flag' });
  const refusals = [
    complaint(() => load("postgres: { url_file: 'postgres://u:hunter2@h/d' }\n")),
    complaint(() => load('', {}, { postgresUrlFile: 'postgresql://u:hunter2@h/d' })),
  ];
  for (const { code, message, hint } of refusals) {
    expect(code).toBe('config.secret_in_place');
    expect(`${message} ${hint ?? ''}`).not.toContain('hunter2');
  }
});

describe('a bad file', () => {
  test.each([
    ['postgres: { url: x }', 'config.unknown_key', ':1: postgres.url: unknown key', 'Did you mean "url_file"?'],
    ['tickets: { sink: [] }', 'config.unknown_key', ':1: tickets.sink: unknown key', 'Did you mean "sinks"?'],
    ['tickets:\n  rules: [{ }]', 'config.not_supported', ':2: tickets.rules: rules are not supported yet', 'Take the'],
    [`tickets: { sinks: [{ ${SINK}, urll: x }] }`, 'config.unknown_key', 'sinks[0].urll', 'Did you mean "url"?'],
    [`tickets: { sinks: [{ ${SINK} }] }`, 'config.missing_key', 'needs a url or a url_file', 'Add url'],
    [`tickets: { sinks: [{ ${SINK}, url: 'http://h', url_file: /x }] }`, 'config.wrong_key', 'url_file', 'Take one'],
    [`tickets: { sinks: [{ ${SINK}, url: 'ftp://h' }] }`, 'config.bad_url', 'sinks[0].url', 'https://host/path'],
    [`tickets: { sinks: [{ ${SINK}, url: 'https://u:p@h' }] }`, 'config.secret_in_place', 'sinks[0].url', 'url_file'],
    ['tickets: { sinks: [{ kind: webhok }] }', 'config.unknown_kind', 'sinks[0].kind', 'Did you mean "webhook"?'],
    ['tickets: { sinks: [{ kind: webhook }] }', 'config.missing_key', 'a sink needs a name', 'whyd sink test'],
    ['tickets: { sinks: [{ kind: webhook, name: a b }] }', 'config.bad_name', 'sinks[0].name', 'Write letters'],
    [
      'tickets: { sinks: [{ kind: webhook, name: a, url: "http://x" }] }',
      'config.missing_key',
      'needs a secret_file',
      'Add',
    ],
    [
      `tickets: { sinks: [{ ${SINK}, url: 'http://h' }, { ${SINK}, url: 'http://i' }] }`,
      'config.double_name',
      'sinks[1]',
      'a name of its own',
    ],
    ['sorces: []', 'config.unknown_key', '/whyd.yaml:1: sorces: unknown key', 'Did you mean "sources"?'],
    ['api:\n  token: x', 'config.unknown_key', '/whyd.yaml:2: api.token: unknown key', 'Did you mean "token_file"?'],
    ['sources:\n- kind: denokv\n  paht: /x', 'config.unknown_key', ':3: sources[0].paht', 'Did you mean "path"?'],
    ['postgres: { url: x }', 'config.unknown_key', ':1: postgres.url: unknown key', 'Did you mean "url_file"?'],
    ['index: { keep: { size: 2G } }', 'config.bad_size', ':1: index.keep.size: "2G" is not a size', 'GiB'],
    ['index: { keep: { days: soon } }', 'config.wrong_type', ':1: index.keep.days', 'whole number'],
    ['index: [1]', 'config.wrong_type', ':1: index: expected a map of settings, found a list', ''],
    ['index: { path: 7.5e3 , keep: 3 }', 'config.wrong_type', ':1: index.keep: expected a map', ''],
    ['sources: denokv', 'config.wrong_type', ':1: sources: expected a list, found a text', ''],
    ['sources:\n- path: /x', 'config.missing_key', ':2: sources[0]: a source needs a kind', ''],
    ['sources:\n- kind: denokv', 'config.missing_path', ':2: sources[0]: a source needs a path', ''],
    ['sources:\n- { kind: denokv, path: [] }', 'config.missing_path', ':2: sources[0].path', ''],
    ['sources:\n- { kind: denokv, path: [1] }', 'config.wrong_type', ':2: sources[0].path[0]: expected a text', ''],
    ['sources:\n- { kind: postgre, path: /x }', 'config.unknown_kind', ':2: sources[0].kind', 'mean "postgres"'],
    ['sources:\n- { kind: denokv, path: /x, line_prefix: "%m" }', 'config.wrong_key', 'sources[0].line_prefix', ''],
    ['sources:\n- { kind: denokv, path: /x, timezone: Mars }', 'config.bad_timezone', 'unknown time zone "Mars"', ''],
    ['sources:\n- { kind: denokv, journald: { unit: -M } }', 'config.bad_unit', 'sources[0].journald.unit', 'service'],
    ['sources:\n- { kind: denokv, journald: {} }', 'config.missing_key', 'needs a unit', 'service'],
    ['sources:\n- { kind: denokv, path: /x, journald: { unit: a } }', 'config.wrong_key', 'not both', 'two sources'],
    ['sources:\n- { kind: denokv, stdin: no }', 'config.wrong_type', 'stdin: can only be true', 'stdin: true'],
    [
      'sources:\n- { kind: denokv, stdin: true }\n- { kind: postgres, path: "-" }',
      'config.second_stdin',
      ':3: sources[1]: standard input can be one source only',
      'syslog',
    ],
    [
      'sources:\n- { kind: denokv, journald: { unit: denokv } }\n- { kind: denokv, journald: { unit: denokv.service } }',
      'config.second_source',
      ':3: sources[1]: the journal of denokv can be one source only',
      'Take this source out',
    ],
    [
      'sources:\n- &one { kind: postgres, syslog: { listen: "127.0.0.1:5514" } }\n- *one',
      'config.second_source',
      'what postgres sends to 127.0.0.1:5514 can be one source only',
      'syslog of its own',
    ],
    [
      'sources:\n- { kind: denokv, stdin: true, syslog: {} }',
      'config.wrong_key',
      'stdin or syslog, not both',
      'two sources',
    ],
    ['sources:\n- { kind: postgres, syslog: {} }', 'config.missing_key', 'needs an address', '127.0.0.1:5514'],
    [
      'sources:\n- { kind: postgres, syslog: { listen: "5514" } }',
      'config.bad_listen',
      'syslog.listen: "5514"',
      'unix:',
    ],
    [
      'sources:\n- { kind: postgres, syslog: { listen: "127.0.0.1:0" } }',
      'config.bad_listen',
      'syslog.listen',
      'host:port',
    ],
    [
      'sources:\n- { kind: postgres, syslog: { listen: "0.0.0.0:5514" } }',
      'config.listen_not_loopback',
      'reachable from other machines',
      'allow_remote: true',
    ],
    [
      'sources:\n- { kind: postgres, syslog: { listen: "127.0.0.1:5514", mode: 0660 } }',
      'config.wrong_key',
      'only a unix socket has a mode',
      '',
    ],
    ['sources:\n- { kind: postgres, syslog: { listen: "unix:/s", mode: 888 } }', 'config.wrong_type', '"888"', '0660'],
    [
      `sources:\n- { kind: postgres, syslog: { listen: "unix:/${'x'.repeat(107)}" } }`,
      'config.bad_listen',
      'socket',
      '107',
    ],
    ['since: yesterday', 'config.wrong_type', ':1: since: "yesterday" is not a span', '24h'],
    ['api: { listen: nowhere }', 'config.bad_listen', ':1: api.listen: "nowhere"', '127.0.0.1:7433'],
    ['api: { listen: "unix:" }', 'config.bad_listen', ':1: api.listen: "unix:"', 'unix:/run/whyd/api.sock'],
    [`api: { listen: "unix:/${'x'.repeat(107)}" }`, 'config.bad_listen', 'api.listen', '107 bytes'],
    ['api: { listen: 127.0.0.1:99999 }', 'config.bad_listen', 'api.listen', ''],
    ['api: { listen: 0.0.0.0:7433 }', 'config.listen_not_loopback', 'reachable from other machines', 'loopback'],
    ['api: { listen: ":7433" }', 'config.listen_not_loopback', 'api.listen', ''],
    ['a: [1\nb: 2', 'config.bad_yaml', '/whyd.yaml:2: not valid YAML', ''],
    ['api: {}\napi: {}', 'config.bad_yaml', '/whyd.yaml:2: not valid YAML', ''],
  ])('%j', (yaml, code, message, hint) => {
    const found = complaint(() => load(yaml));
    expect(found.code).toBe(code);
    expect(found.message).toContain(message);
    expect(found.hint).toContain(hint);
  });

  test('that is missing or a folder', () => {
    const gone = complaint(() => loadConfig({ file: join(folder, 'gone.yaml'), env: {}, flags: {} }));
    expect(gone).toMatchObject({ code: 'config.unreadable', message: 'cannot read /gone.yaml: there is no such file' });
    expect(complaint(() => loadConfig({ file: folder, env: {}, flags: {} })).message).toContain('it is a folder');
  });

  test('never has its values repeated where they may be secrets', () => {
    const secret = 'postgres: postgresql://kv:hunter2@db/kv\n';
    expect(JSON.stringify(complaint(() => load(secret)))).not.toContain('hunter2');
    expect(JSON.stringify(complaint(() => load('a: "hunter2\nb: [')))).not.toContain('hunter2');
  });
});

test('bad flags and variables name themselves', () => {
  const flag = complaint(() => loadConfig({ file: null, env: {}, flags: { listen: 'x' } }));
  expect(flag.message).toContain('--listen: "x"');
  const variable = complaint(() => loadConfig({ file: null, env: { WHYD_INDEX_KEEP_DAYS: '0' }, flags: {} }));
  expect(variable.message).toContain('WHYD_INDEX_KEEP_DAYS: "0"');
});

describe('sources that no file feeds', () => {
  test('are standard input, once, and syslog listeners with the programs that belong to the kind', () => {
    const { sources } = load(
      `sources:
- { kind: denokv, path: "-" }
- { kind: postgres, syslog: { listen: "0.0.0.0:5514", allow_remote: true, program: [pg, postgres] } }
- { kind: postgres, syslog: { listen: "unix:log.sock", mode: 0666 } }
- { kind: proxy, syslog: { listen: "[::1]:5514" } }`,
    );
    expect(sources.map(({ paths }) => paths)).toEqual([[], [], [], []]);
    expect(sources[0]?.stdin).toBe(true);
    const remote = { kind: 'tcp', host: '0.0.0.0', port: 5514 };
    expect(sources[1]?.syslog).toEqual({ address: remote, programs: ['pg', 'postgres'] });
    expect(sources[2]?.syslog?.address).toMatchObject({ kind: 'unix', mode: 0o666 });
    expect(sources[2]?.syslog?.programs).toEqual(['postgres']);
    expect(sources[3]?.syslog).toEqual({ address: { kind: 'tcp', host: '::1', port: 5514 }, programs: [] });
  });
});
