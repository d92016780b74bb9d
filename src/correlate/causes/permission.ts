import { opening, whole } from './pattern.ts';
import type { CauseRow } from './row.ts';

/** The kinds of object in "permission denied for"; a trigger of an application may well say "permission denied for tenant 7". */
const GRANTABLE =
  'table|relation|view|materialized view|column|sequence|schema|database|tablespace|function|procedure|routine|aggregate|language|type|domain|operator|large object|foreign table|foreign server|foreign-data wrapper|publication|index';

/** denokv's role may not do this, or nobody may at the moment. */
export const permissionCauses: readonly CauseRow[] = [
  {
    id: 'permission_denied',
    category: 'permission',
    sqlstates: [{ code: '42501' }],
    texts: [
      { pattern: opening(`permission denied for (?:${GRANTABLE}) `), sqlstate: '42501' },
      {
        pattern: opening(
          'permission denied to (?:alter|cancel|copy|create|drop|execute|grant|reassign|rename|set|start|terminate|use) ',
        ),
        sqlstate: '42501',
      },
      { pattern: opening('could not [^:\\n]*: Permission denied'), sqlstate: '42501' },
      {
        pattern: opening('must be (?:owner of|superuser|a superuser|member of role|able to SET ROLE) '),
        sqlstate: '42501',
      },
      { pattern: opening('new row violates row-level security policy'), sqlstate: '42501' },
      { pattern: opening('query would be affected by row-level security policy'), sqlstate: '42501' },
    ],
    clientTexts: [{ pattern: /^(?:access permission denied|not authorized|authorization denied)/ }],
    transient: false,
    objects: [
      /^permission denied for (?<kind>[a-z][a-z -]*?) "?(?<object>[^"\s]+)"?/,
      /row-level security policy (?:"[^"]*" )?for (?<kind>table) "(?<object>[^"]*)"/,
    ],
    summary: "denokv's role lacks a privilege[ on {kind} {object}]",
    remedies: [
      {
        do: 'Grant it: GRANT SELECT, INSERT, UPDATE, DELETE ON kv_store, data_version, queue_messages, queue_running TO denokv.',
        why: 'Every statement of denokv needs one of these.',
      },
      {
        do: "See what it has: SELECT grantee, table_name, privilege_type FROM information_schema.role_table_grants WHERE grantee = 'denokv', and who owns the tables (\\dt+).",
        why: 'Tables that were restored or created anew under another owner lose their grants.',
      },
      {
        do: 'Grant USAGE on the schema and on sequences too, and check row-level security (\\d kv_store).',
        why: 'A table grant alone does not reach into a closed schema.',
      },
    ],
    fixture: 'permission_revoked',
  },
  {
    id: 'read_only',
    category: 'permission',
    sqlstates: [{ code: '25006' }],
    texts: [
      { pattern: whole('cannot execute .* in a read-only transaction'), sqlstate: '25006' },
      { pattern: whole('cannot execute .* during recovery'), sqlstate: '25006' },
      { pattern: opening('cannot set transaction read-write mode '), sqlstate: '25006' },
    ],
    clientTexts: [
      { pattern: /^Can ?not write to a read-only database/i },
      { pattern: /^attempt to write a readonly database/ },
    ],
    transient: false,
    objects: [/^cannot execute (?<command>[A-Z][A-Z ]*[A-Z]) /],
    summary: 'denokv tried to write[ ({command})] where only reading is allowed',
    remedies: [
      {
        do: 'Ask SELECT pg_is_in_recovery(): on true denokv is connected to a standby; point its URL at the primary (target_session_attrs=read-write).',
        why: 'After a failover the old address may lead to a standby.',
      },
      {
        do: 'Otherwise find the setting: SHOW default_transaction_read_only; SELECT * FROM pg_db_role_setting.',
        why: 'Set for the role or the database, it makes each new session read-only.',
      },
      {
        do: "On SQLite, check that denokv's user may write to the file and to its folder, and that denokv runs without --read-only.",
        why: 'SQLite needs to create its journal beside the database.',
      },
    ],
    fixture: 'read_only',
  },
];
