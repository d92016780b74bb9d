import { describe, expect, it } from 'vitest';
import { learnIdentity, ownershipOf } from '../../src/correlate/identity/identity.ts';
import { operationOfUse, shortened, useOfStatement } from '../../src/correlate/identity/statements.ts';
import type { PostgresErrorEvent } from '../../src/domain.ts';
import { entry, Log, note, READ, WRITE } from './events.ts';
import { windowOf } from './window-of.ts';

const log = new Log('postgresql.log', 1);
const unnamed = { user: null, database: null, application: null } as const;
const startup = note(new Log('denokv.log', 0), 0, {
  topic: 'startup',
  identity: { backend: 'postgres', user: 'denokv', database: 'kv', application: 'denokv' },
});
const startupWithoutApplication = {
  ...startup,
  identity: { backend: 'postgres', user: 'denokv', database: 'kv', application: null },
} as const;
const ours = { user: 'denokv', database: 'kv', application: 'denokv', statement: WRITE } as const;

function isOurs(
  identity: ReturnType<typeof learnIdentity>,
  message: string,
  more: Partial<PostgresErrorEvent>,
): boolean {
  return ownershipOf(entry(log, 1, message, more), identity) !== null;
}

describe('whose an entry is', () => {
  const told = learnIdentity(windowOf([startup]), [], {});

  it.each<[string, string, Partial<PostgresErrorEvent>, boolean]>([
    ['our session', 'boom', ours, true],
    ['another user', 'boom', { ...ours, user: 'webapp' }, false],
    ['another database', 'boom', { ...ours, database: 'shop' }, false],
    ['another application', 'boom', { ...ours, application: 'psql' }, false],
    ['a prefix that names nobody', 'boom', { ...unnamed, statement: WRITE }, true],
    ["a statement that is not denokv's", 'boom', { ...unnamed, statement: 'SELECT * FROM orders' }, false],
    [
      'a refusal of our user',
      'password authentication failed for user "denokv"',
      { ...unnamed, severity: 'FATAL' },
      true,
    ],
    [
      'a refusal of another',
      'password authentication failed for user "webapp"',
      { ...unnamed, severity: 'FATAL' },
      false,
    ],
    ['a refusal of another database', 'database "shop" does not exist', { ...unnamed, severity: 'FATAL' }, false],
    ['a refusal of another, in German', 'Datenbank »shop« existiert nicht', { ...unnamed, severity: 'FATAL' }, false],
    ['an exception that speaks of another', 'no quota left for user "alice"', ours, true],
  ])('tells %s', (_, message, more, expected) => {
    expect(isOurs(told, message, more)).toBe(expected);
  });

  it('weighs what matches: a name each, and most the statement', () => {
    const weights = [ours, { ...ours, statement: null }, { ...unnamed, statement: READ }, unnamed].map(
      (more) => ownershipOf(entry(log, 1, 'boom', more), told)?.weight,
    );
    expect(weights).toEqual([6, 3, 3, 0]);
  });

  it('takes a named session for a stranger where denokv gave no name', () => {
    const identity = learnIdentity(windowOf([startupWithoutApplication]), [], {});
    expect(isOurs(identity, 'boom', ours)).toBe(false);
    expect(isOurs(identity, 'boom', { ...ours, application: null })).toBe(true);
  });
});

describe('learnIdentity', () => {
  const sessions = Array.from({ length: 20 }, () => entry(log, 1, 'boom', { ...ours, user: 'kv_role' }));
  const stray = entry(log, 1, 'boom', { ...ours, user: 'admin', application: 'psql' });

  it("learns names from denokv's own statements, and not from one that was tried by hand", () => {
    const { users, databases, applications } = learnIdentity(windowOf([...sessions, stray]), [], {});
    expect([users, databases, applications].map((names) => [...names])).toEqual([['kv_role'], ['kv'], ['denokv']]);
  });

  it('learns the name that a role was given where the start-up line has none', () => {
    const named = sessions.map((session) => ({ ...session, user: 'denokv', application: 'kv-prod' }));
    const identity = learnIdentity(windowOf([startupWithoutApplication, ...named]), [], {});
    expect([...identity.applications]).toEqual(['kv-prod']);
    expect(isOurs(identity, 'boom', { ...ours, application: 'psql' })).toBe(false);
  });

  it('keeps to a configured part and learns the others', () => {
    const { users, applications } = learnIdentity(windowOf(sessions), [], { application: 'configured' });
    expect([[...users], [...applications]]).toEqual([['kv_role'], ['configured']]);
  });

  it('prefers the configuration to the start-up line, and takes known identities for said', () => {
    expect([...learnIdentity(windowOf([startup]), [], { user: 'other' }).users]).toEqual(['other']);
    expect([...learnIdentity(windowOf([]), [startup.identity ?? []].flat(), {}).databases]).toEqual(['kv']);
  });
});

describe('useOfStatement', () => {
  it.each([
    [WRITE, 'atomic_write', 'atomic_write'],
    [READ, 'snapshot_read', 'snapshot_read'],
    [`/* request 7 */ ${READ}`, 'snapshot_read', 'snapshot_read'],
    ['DELETE FROM kv_store WHERE key = $1', 'atomic_write', 'atomic_write'],
    ['DELETE FROM kv_store WHERE expires_at IS NOT NULL AND expires_at <= NOW()', 'background', null],
    ['SELECT message_id FROM queue_running WHERE deadline < NOW()', 'background', null],
    ['INSERT INTO queue_messages (payload, deadline) VALUES ($1, $2)', 'atomic_write', 'atomic_write'],
    ['START TRANSACTION', 'transaction', null],
    ['CREATE TABLE IF NOT EXISTS kv_store (', 'startup', null],
    ['SELECT 1/0', 'foreign', null],
    [`INSERT INTO t VALUES (${'1,'.repeat(1_000_000)}1)`, 'foreign', null],
    [null, 'unknown', null],
  ])('knows %.60s', (statement, use, operation) => {
    expect(useOfStatement(statement)).toBe(use);
    expect(operationOfUse(useOfStatement(statement))).toBe(operation);
  });

  it('is not held up by comments that never end', () => {
    expect(useOfStatement('/*'.repeat(200_000))).toBe('foreign');
  });

  it('shortens a statement to one line', () => {
    expect(shortened('\n  SELECT\n    1')).toBe('SELECT 1');
    expect(shortened(`SELECT ${'x'.repeat(500)}`)).toHaveLength(120);
  });
});
