import type { Detection, DenokvIdentity, ParseCounts, SourceKind } from '../../domain.ts';

/** Why a log cannot be read, and what to do about it. */
export interface ReadTrouble {
  readonly reason: string;
  readonly change: readonly string[];
}

/** What the events of a log's newest part tell. */
export interface EventDigest {
  readonly events: number;
  /** 500s of denokv, or entries of severity ERROR and above. */
  readonly errors: number;
  /** No time has more than whole seconds. */
  readonly isCoarse: boolean;
  /** Of denokv: what its newest start-up line says; null where there is none. */
  readonly startup: DenokvIdentity | null;
  /** Of Postgres: errors with statements that are denokv's. */
  readonly denokvErrors: number;
  readonly errorsWithStatement: number;
  /** Of Postgres: errors that always have a DETAIL, and how many have it. */
  readonly detailed: { readonly expected: number; readonly found: number };
  readonly withSqlstate: number;
  /** Losses that were noted in the log itself. */
  readonly gaps: number;
}

/** One log as the doctor found it. */
export interface LogFacts {
  readonly kind: SourceKind;
  /** The path or pattern, or `journal of UNIT`. */
  readonly name: string;
  /** Taken as it comes, by syslog or standard input: there is nothing to look at beforehand. */
  readonly isStream: boolean;
  readonly trouble: ReadTrouble | null;
  readonly sizeBytes: number;
  /** Read from its very beginning; else only its newest part was. */
  readonly isWhole: boolean;
  readonly detection: Detection | null;
  readonly counts: ParseCounts;
  readonly digest: EventDigest;
  readonly configuredPrefix: string | null;
  /** A severity word of another language, as it stands there. */
  readonly translated: string | null;
}

/** A file that must be there and closed to others. */
export interface TokenFacts {
  readonly path: string;
  readonly state: 'missing' | 'good' | 'bad';
  readonly says: string;
  readonly hint: string | null;
}

export interface IndexFacts {
  readonly path: string;
  /** Bytes free to this user on its disk; null where its folder is not there. */
  readonly freeBytes: number | null;
  readonly sizeBytes: number;
  readonly keepBytes: number;
  readonly isWritable: boolean;
  /** Losses that the daemon met, by log; null where the index could not be read. */
  readonly gaps: readonly { readonly path: string; readonly gaps: number }[] | null;
}

export type ApiState = 'answers' | 'silent' | 'foreign';

/** What this host showed. */
export interface HostFacts {
  /** Whom the doctor runs as. */
  readonly user: string;
  /** The configuration, or how the logs were found. */
  readonly origin: string;
  readonly logs: readonly LogFacts[];
  /** How far denokv's clock is ahead of Postgres' log, microseconds; null where too little is known. */
  readonly clockOffsetUs: number | null;
  readonly index: IndexFacts;
  readonly token: TokenFacts;
  readonly api: { readonly address: string; readonly state: ApiState };
}
