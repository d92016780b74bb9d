/** What was seen of something, or why it was not. */
export type Seen<T> =
  { readonly isSeen: true; readonly value: T } | { readonly isSeen: false; readonly reason: string };

export function seen<T>(value: T): Seen<T> {
  return { isSeen: true, value };
}

export interface Setting {
  readonly name: string;
  /** As pg_settings gives it: numbers in the setting's unit. */
  readonly value: string;
  /** Where it comes from: `default`, `configuration file`, `command line` ... */
  readonly source: string;
  /** `postmaster`: a change needs a restart. */
  readonly context: string;
  /** `file:line`; null for roles that may not know. */
  readonly place: string | null;
  readonly pendingRestart: boolean;
}

/** One line of pg_db_role_setting; an empty role or database means all. */
export interface RoleSetting {
  readonly role: string;
  readonly database: string;
  readonly name: string;
  readonly value: string;
}

export interface Server {
  readonly versionNumber: number;
  readonly version: string;
  readonly inRecovery: boolean;
  /** Whom the doctor is connected as, and to what. */
  readonly role: string;
  readonly database: string;
  readonly seesAllSessions: boolean;
  readonly readsAllSettings: boolean;
}

/** A client's session. Parts that this role may not see are null. */
export interface Session {
  readonly pid: number;
  readonly user: string | null;
  readonly database: string | null;
  readonly application: string | null;
  readonly state: string | null;
  readonly transactionMs: number | null;
  readonly stateMs: number | null;
}

export interface Blocked {
  readonly pid: number;
  readonly by: readonly number[];
}

export interface Column {
  readonly name: string;
  readonly type: string;
  /** Not null and without a default: an INSERT has to give it. */
  readonly isRequired: boolean;
}

export interface Index {
  readonly name: string;
  readonly isValid: boolean;
  readonly isUnique: boolean;
  readonly isPartial: boolean;
  /** Names of its key columns, in order. */
  readonly columns: readonly string[];
}

export interface Table {
  readonly schema: string;
  readonly name: string;
  /** Of a table: `r` or `p`. */
  readonly kind: string;
  readonly columns: readonly Column[];
  readonly indexes: readonly Index[];
  /** SELECT, INSERT, UPDATE, DELETE that denokv's role lacks. */
  readonly missingPrivileges: readonly string[];
  readonly liveRows: number;
  readonly deadRows: number;
  readonly changedSinceAnalyze: number;
  readonly isAnalyzed: boolean;
}

/** Connections that a role or a database may have; null: no limit of its own. */
export interface Limits {
  readonly role: number | null;
  readonly database: number | null;
}

/** What the live database showed. */
export interface DatabaseFacts {
  readonly server: Server;
  /** Of whom the facts about denokv are; null parts are not known. */
  readonly denokv: { readonly role: string | null; readonly database: string; readonly application: string | null };
  readonly settings: Seen<ReadonlyMap<string, Setting>>;
  readonly roleSettings: Seen<readonly RoleSetting[]>;
  readonly sessions: Seen<readonly Session[]>;
  readonly blocked: Seen<readonly Blocked[]>;
  readonly limits: Seen<Limits>;
  readonly tables: Seen<readonly Table[]>;
  /** Rows of data_version with k = 0. */
  readonly versionRows: Seen<number>;
}
