import { describe, expect, it } from 'vitest';

import { catalogue, causeById } from '../../src/correlate/causes/catalogue.ts';
import { classifyClientText, classifyServerError } from '../../src/correlate/causes/classify.ts';
import { summarise } from '../../src/correlate/causes/summary.ts';
import { clientCases, lookalikeCases, serverCases } from './cause-cases.ts';

const CONTRACT_IDS = [
  ...['too_many_connections', 'pool_timeout', 'pool_closed', 'deadlock'],
  ...['statement_timeout', 'query_canceled', 'auth_timeout', 'lock_timeout', 'lock_not_available'],
  ...['idle_in_transaction_timeout', 'transaction_timeout', 'idle_session_timeout'],
  ...['missing_relation', 'missing_column', 'missing_function', 'missing_schema', 'syntax_error', 'stale_plan'],
  ...['missing_prepared_statement', 'data_version_missing'],
  ...['invalid_operand', 'value_encoding', 'type_mismatch', 'numeric_out_of_range'],
  ...['enqueue_serialization', 'invalid_json', 'serialization_failure', 'recovery_conflict'],
  ...['connection_refused', 'connection_lost', 'backend_terminated', 'server_shutdown', 'server_crash'],
  ...['server_starting', 'authentication_failed', 'database_missing', 'tls_failure', 'protocol_error'],
  ...['unique_violation', 'check_violation', 'not_null_violation', 'foreign_key_violation', 'exclusion_violation'],
  ...['raised_exception', 'permission_denied', 'read_only'],
  ...['disk_full', 'out_of_memory', 'out_of_locks', 'temp_limit', 'size_limit', 'io_error'],
  ...['corrupted_data', 'internal_error', 'transaction_aborted', 'sqlite_error', 'unknown'],
];

describe('the catalogue', () => {
  it('holds every cause id of the contract exactly once', () => {
    expect(catalogue.map((row) => row.id).sort()).toEqual([...CONTRACT_IDS].sort());
  });

  it.each(catalogue.map((row) => [row.id, row] as const))(
    '%s has remedies, a summary and a case that proves it',
    (id, row) => {
      expect(row.remedies.length).toBeGreaterThanOrEqual(1);
      expect(row.remedies.length).toBeLessThanOrEqual(4);
      for (const remedy of row.remedies) {
        expect(remedy.do).toMatch(/\.$/);
        expect(remedy.why).toMatch(/\.$/);
      }
      const bare = summarise(row, {});
      expect(bare).toMatch(/^[A-Za-z]/);
      expect(bare).not.toMatch(/[[\]{}|]|\s$|\s{2}/);
      const proofs = [...serverCases, ...clientCases].filter((proof) => proof.cause === id);
      expect(proofs.map((proof) => proof.name)).toContain(row.fixture);
    },
  );

  it('fills every group that a summary names from some pattern of its row', () => {
    for (const row of catalogue) {
      const named = [...row.summary.matchAll(/\{(\w+)/g)].map((match) => match[1] ?? '');
      const known = [
        ...row.objects.map((pattern) => pattern.source),
        row.id === 'unknown' ? '<sqlstate><class>' : '',
        // Counted: a pattern finds one edge of the cycle.
        row.id === 'deadlock' ? '<parties>' : '',
      ].join();
      for (const name of named) expect(known, row.id).toContain(`<${name}>`);
    }
  });

  it('answers null for an id that it does not know', () => {
    expect(causeById('performance')).toBeNull();
    expect(causeById('deadlock')?.category).toBe('deadlock');
  });
});

describe('classifyServerError', () => {
  const withCode = serverCases.filter((proof) => proof.sqlstate !== null);

  it.each(withCode)('$name: by SQLSTATE $sqlstate, $message', (proof) => {
    const answer = classifyServerError({ ...proof, severity: proof.severity ?? 'ERROR' });
    expect([answer.row.id, answer.sqlstate]).toEqual([proof.cause, proof.sqlstate]);
  });

  it.each(serverCases.filter((proof) => proof.codeOnly !== true))('$name: by text alone, $message', (proof) => {
    const answer = classifyServerError({ ...proof, severity: proof.severity ?? 'ERROR', sqlstate: null });
    expect([answer.row.id, answer.sqlstate]).toEqual([proof.cause, proof.textSqlstate ?? proof.sqlstate]);
  });

  it.each(lookalikeCases)('is not fooled by $message', ({ message, sqlstate, not }) => {
    expect(classifyServerError({ sqlstate, severity: 'ERROR', message, context: null }).row.id).not.toBe(not);
    expect(classifyServerError({ sqlstate, severity: 'ERROR', message }).row.id).not.toBe(not);
  });

  it('passes over the position that the stderr log appends', () => {
    const answer = classifyServerError({
      sqlstate: null,
      severity: 'ERROR',
      message: 'relation "kv_store" does not exist at character 42',
    });
    expect(answer).toMatchObject({ sqlstate: '42P01', objects: { relation: 'kv_store' } });
  });

  it('takes 00000 for no SQLSTATE', () => {
    const message = 'server process (PID 77) was terminated by signal 9: Killed';
    const answer = classifyServerError({ sqlstate: '00000', severity: 'LOG', message });
    expect(answer.row.id).toBe('server_crash');
    expect(summarise(answer.row, answer.objects)).toContain('(pid 77, signal 9: Killed)');
  });

  it('names the class of an SQLSTATE that no row claims, and is sure of nothing', () => {
    const answer = classifyServerError({ sqlstate: '2BP01', severity: 'ERROR', message: 'cannot drop table t' });
    expect(answer).toMatchObject({ rule: 'none', confidence: 0, sqlstate: '2BP01' });
    expect(summarise(answer.row, answer.objects)).toBe(
      'The cause is not known; Postgres reported SQLSTATE 2BP01 (dependent privilege descriptors still exist): cannot drop table t',
    );
  });

  it('is less sure where rows share the SQLSTATE and the text is in a language that is not known', () => {
    const english = classifyServerError({
      sqlstate: '55P03',
      severity: 'ERROR',
      message: 'canceling statement due to lock timeout',
    });
    const polish = classifyServerError({
      sqlstate: '55P03',
      severity: 'BŁĄD',
      message: 'anulowano polecenie z powodu przekroczenia czasu blokady',
    });
    expect([english.row.id, polish.row.id]).toEqual(['lock_timeout', 'lock_timeout']);
    expect(english.confidence).toBeGreaterThanOrEqual(0.99);
    expect(polish.confidence).toBeLessThan(0.9);
  });

  it('leaves 57P01 open: a shutdown says the same', () => {
    const message = 'terminating connection due to administrator command';
    expect(classifyServerError({ sqlstate: '57P01', severity: 'FATAL', message }).confidence).toBeLessThan(0.8);
    expect(classifyServerError({ sqlstate: null, severity: 'FATAL', message }).confidence).toBeLessThan(0.8);
  });

  it('trusts the CONTEXT of a RAISE over the words that it borrows', () => {
    const raised = {
      sqlstate: null,
      severity: 'ERROR',
      message: 'deadlock detected',
      context: 'PL/pgSQL function check_quota() line 4 at RAISE',
    };
    expect(classifyServerError(raised)).toMatchObject({ row: { id: 'raised_exception' }, sqlstate: 'P0001' });
    expect(classifyServerError({ ...raised, sqlstate: '40P01' }).row.id).toBe('deadlock');
  });

  it("guesses at an application's exception only from a client's English text, and says that it guesses", () => {
    const message = 'quota exceeded for tenant 17';
    const fromClient = classifyServerError({ sqlstate: null, severity: 'ERROR', message });
    expect(fromClient).toMatchObject({ row: { id: 'raised_exception' }, sqlstate: null });
    expect(fromClient.confidence).toBeLessThan(0.8);
    const fromEntry = classifyServerError({ sqlstate: null, severity: 'ERROR', message, context: null });
    expect(fromEntry.row.id).toBe('unknown');
    const foreign = classifyServerError({
      sqlstate: null,
      severity: 'BŁĄD',
      message: 'relacja „x” nie istnieje',
    });
    expect(foreign.row.id).toBe('unknown');
  });

  it('finds names in the quotation marks of other languages', () => {
    const german = classifyServerError({
      sqlstate: '42P01',
      severity: 'FEHLER',
      message: 'Relation »kv_store« existiert nicht',
    });
    const french = classifyServerError({
      sqlstate: '42P01',
      severity: 'ERREUR',
      message: "la relation « kv_store » n'existe pas",
    });
    expect([german.objects['relation'], french.objects['relation']]).toEqual(['kv_store', 'kv_store']);
  });

  it('tells a missing role at sign-in from a missing role in a statement', () => {
    const message = 'role "denokv" does not exist';
    expect(classifyServerError({ sqlstate: null, severity: 'FATAL', message }).row.id).toBe('authentication_failed');
    expect(classifyServerError({ sqlstate: null, severity: 'ERROR', message }).sqlstate).toBe('42704');
  });

  it('takes the edges of a deadlock from the DETAIL', () => {
    const answer = classifyServerError({
      sqlstate: '40P01',
      severity: 'ERROR',
      message: 'deadlock detected',
      detail:
        'Process 11 waits for ShareLock on transaction 739; blocked by process 12.\nProcess 12 waits for ShareLock on transaction 740; blocked by process 11.',
    });
    expect(answer.objects).toEqual({ victim: '11', lock: 'ShareLock', target: 'transaction 739', blocker: '12' });
    expect(summarise(answer.row, answer.objects)).toMatch(
      /^Two or more transactions .*: process 11 waited for ShareLock on transaction 739, held by process 12$/,
    );
  });

  it('stays fast on a long hostile message', () => {
    const message = `${'could not '.repeat(20_000)}"${'"'.repeat(20_000)} at line 1 column `;
    const answer = classifyServerError({ sqlstate: null, severity: 'ERROR', message });
    expect(answer.row.id).toBe('unknown');
    expect(classifyClientText(message, null).row.id).toBe('unknown');
  });
});

describe('classifyClientText', () => {
  it.each(clientCases)('$name: $text', (proof) => {
    const answer = classifyClientText(proof.text, proof.operation ?? null, proof.backend ?? null);
    expect([answer.row.id, answer.sqlstate]).toEqual([proof.cause, null]);
  });

  it('passes through the wrappers of every layer', () => {
    const text =
      'Connection failed: Failed to get connection: Error occurred while creating a new object: error connecting to server: Connection refused (os error 111)';
    const answer = classifyClientText(text, null);
    expect(answer.row.id).toBe('connection_refused');
    expect(summarise(answer.row, answer.objects)).toBe('denokv could not reach Postgres: Connection refused');
  });

  it('does not take a read for an enqueue', () => {
    expect(classifyClientText('error serializing parameter 2', 'snapshot_read').row.id).toBe('type_mismatch');
    expect(classifyClientText('error serializing parameter 2', 'atomic_write').row.id).toBe('enqueue_serialization');
  });

  it('is unsure about a connection that just closed', () => {
    expect(classifyClientText('connection closed', null).confidence).toBeLessThan(0.8);
  });

  it('takes a stray text for a trigger of SQLite only where SQLite is known', () => {
    expect(classifyClientText('quota exceeded', 'atomic_write', 'sqlite').row.id).toBe('raised_exception');
    expect(classifyClientText('quota exceeded', 'atomic_write', 'postgres').row.id).toBe('unknown');
    expect(classifyClientText('the trigger says: database is locked', null).row.id).toBe('unknown');
    expect(classifyClientText('db error', null).row.id).toBe('unknown');
  });
});

describe('summarise', () => {
  it('leaves out what is not known and keeps the sentence whole', () => {
    const row = causeById('missing_column');
    expect(row).not.toBeNull();
    if (row === null) return;
    expect(summarise(row, {})).toBe('The column that the statement names does not exist');
    expect(summarise(row, { column: 'owner' })).toBe('The column owner does not exist');
    expect(summarise(row, { column: 'owner', relation: 'kv_store' })).toBe(
      'The column owner does not exist in kv_store',
    );
  });

  it('does not expand braces that come from the log', () => {
    const row = causeById('raised_exception');
    expect(row && summarise(row, { text: '[{text}] $& {where|x}' })).toBe(
      'A function or trigger in the database refused the operation: [{text}] $& {where|x}',
    );
  });
});
