import { describe, expect, it } from 'vitest';
import type { DenokvIdentity } from '../../../src/domain.ts';
import { redactSecrets } from '../../../src/parsers/redact.ts';
import { parseBytes } from '../parse-bytes.ts';

const SECRET = 's3cr3t';
const opened = (address: string): string =>
  `[2026-11-23T05:43:18Z INFO  denokv] Opened PostgreSQL database at ${address}\n`;

const ADDRESSES: readonly (readonly [address: string, identity: Partial<DenokvIdentity>])[] = [
  [
    `postgresql://denokv:${SECRET}@127.0.0.1:5437/kv?application_name=app`,
    { user: 'denokv', database: 'kv', application: 'app' },
  ],
  [`postgres://de%6Eokv:${SECRET}%40x@h/kv%20x`, { user: 'denokv', database: 'kv x', application: null }],
  [`postgresql://denokv:${SECRET}@h1:1,h2:2,[::1]:3/kv`, { user: 'denokv', database: 'kv' }],
  [`postgresql://denokv:${SECRET}@h`, { user: 'denokv', database: 'denokv' }],
  [`postgresql://denokv:a@b/${SECRET}@h/kv`, { user: 'denokv', database: 'kv' }],
  [`postgresql://denokv:a?${SECRET}@h/kv`, { user: 'denokv', database: 'kv' }],
  [`postgresql://h:5432/kv?user=denokv&password=${SECRET}`, { user: 'denokv', database: 'kv' }],
  [`postgresql:///kv?host=/run/postgresql&user=denokv&sslpassword=${SECRET}`, { user: 'denokv', database: 'kv' }],
  [
    `host=h port=5432 user=denokv password=${SECRET} dbname=kv application_name='an app'`,
    { user: 'denokv', database: 'kv', application: 'an app' },
  ],
  [`user='denokv' password = 'a \\' ${SECRET}' dbname=kv`, { user: 'denokv', database: 'kv' }],
  ['postgresql://denokv@h/kv', { user: 'denokv', database: 'kv' }],
  [`what is this ${SECRET}`, { user: null, database: null }],
];

describe('the address in a start-up line', () => {
  it.each(ADDRESSES)('%s', (address, identity) => {
    const { events } = parseBytes(opened(address));
    expect(events[0]).toMatchObject({
      kind: 'denokv_note',
      topic: 'startup',
      identity: { backend: 'postgres', ...identity },
    });
    expect(JSON.stringify(events)).not.toContain(SECRET);
  });

  it('leaves the rest of the address to be read', () => {
    const { events } = parseBytes(opened(`postgresql://denokv:${SECRET}@h1:1,h2:2/kv?application_name=app`));
    expect(events[0]).toMatchObject({
      text: 'Opened PostgreSQL database at postgresql://denokv:***@h1:1,h2:2/kv?application_name=app',
    });
  });

  it('is no identity on SQLite', () => {
    const { events } = parseBytes(
      '[2026-11-23T05:25:41Z INFO  denokv] Opened SQLite database at /var/lib/kv.db. Batch timeout: None\n',
    );
    expect(events[0]).toMatchObject({
      identity: { backend: 'sqlite', user: null },
      text: 'Opened SQLite database at /var/lib/kv.db. Batch timeout: None',
    });
  });
});

describe('no password gets out', () => {
  it('of a line that was not understood and became the example', () => {
    const { parser } = parseBytes(`${opened('postgresql://a@h/d')}DATABASE_URL=postgresql://denokv:${SECRET}@h/kv\n`);
    expect(parser.counts.unrecognised).toBe(1);
    expect(parser.counts.example).toBe('DATABASE_URL=postgresql://denokv:***@h/kv');
  });

  it('of an error or a panic that quotes the address', () => {
    const { events } = parseBytes(
      `[2026-11-23T05:43:18Z ERROR denokv] Database error: error connecting to postgresql://u:${SECRET}@h/d\n\nthread 'main' panicked at src/main.rs:1:2:\ncannot open host=h password=${SECRET}\n`,
    );
    expect(events).toHaveLength(2);
    expect(JSON.stringify(events)).not.toContain(SECRET);
  });

  it('of a wrapped line that stayed unread', () => {
    const { parser } = parseBytes(`not a log postgresql://u:${SECRET}@h/d\n`);
    expect(parser.counts.example).not.toContain(SECRET);
  });

  it('leaves everything else alone', () => {
    expect(redactSecrets('password authentication failed for user "denokv"')).toBe(
      'password authentication failed for user "denokv"',
    );
    expect(redactSecrets('Listening on http://127.0.0.1:6437')).toBe('Listening on http://127.0.0.1:6437');
  });
});
