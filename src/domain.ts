/**
 * The vocabulary that all rooms share. Types only, and all of them readonly: a thing that crosses a room's wall is a fact, not a workspace.
 * Words are the field's own (see the glossary in ARCHITECTURE.md).
 */

// ---------------------------------------------------------------- time

export type TimePrecision = 'second' | 'millisecond' | 'microsecond';

/** How the zone of a time became known: printed as an offset, UTC or an epoch; set by the user; or guessed from an abbreviation. */
export type ZoneOrigin = 'read' | 'configured' | 'inferred';

/** A moment as a log printed it. A second-precision time means the interval [us, us + 1 s): rules work on intervals. */
export interface Instant {
  /** Microseconds since the Unix epoch, UTC; whole, and exact in a double until the year 2255. */
  readonly us: number;
  readonly precision: TimePrecision;
  readonly zone: ZoneOrigin;
}

// ---------------------------------------------------------------- bytes

/** Which program wrote a log. */
export type SourceKind = 'denokv' | 'postgres' | 'proxy';

/** A stretch of one file's bytes, cut at any boundary, as a tailer read it. */
export interface Chunk {
  readonly fileId: number;
  /** Offset of bytes[0] in this generation of the file. */
  readonly byteStart: number;
  readonly bytes: Buffer;
  /** The generation starts anew with this chunk: what the parser held of an older one is finished first. */
  readonly startsGeneration: boolean;
}

/** Where something stands in a log. `line` is 1-based and counts physical lines of the (wrapped) file; `byteEnd` is exclusive. */
export interface Citation {
  /** Index key of the file and its generation; 0-based order of the arguments in `whyd analyze`. */
  readonly fileId: number;
  /** The path's last part, for people; never an identity. */
  readonly file: string;
  readonly line: number;
  readonly lines: number;
  readonly byteStart: number;
  readonly byteEnd: number;
}

// ---------------------------------------------------------------- files

/**
 * Which physical file this is, whatever its name. Decimal strings, because an inode may exceed 2^53 and JSON has no bigint.
 * The birth time is part of it: a freed inode number is handed to the next file that is created, nearly always.
 */
export interface FileIdentity {
  readonly dev: string;
  readonly ino: string;
  readonly birthtimeNs: string;
}

/** One generation of one file, before it has an id. */
export interface FileOpening {
  readonly kind: SourceKind;
  readonly path: string;
  readonly identity: FileIdentity;
  readonly generation: number;
}

/**
 * Where to go on with a file after a restart, and the proof that it is still the same file. `offset` is the safe offset: the start of the
 * oldest record that was not whole, so that no parser state needs to be stored. Made by a tailer; the index only keeps it.
 */
export interface FileCheckpoint extends FileIdentity {
  readonly path: string;
  /** How many times this file was truncated or rewritten in place while it was followed. */
  readonly generation: number;
  readonly offset: number;
  /** fileFingerprint: hash of the first `headBytes` (at most 1 KiB). */
  readonly headHash: string;
  readonly headBytes: number;
  /** Hash of the `markerBytes` (at most 256) just before `offset`. */
  readonly markerHash: string;
  readonly markerBytes: number;
}

// ---------------------------------------------------------------- events

export type Severity = 'DEBUG' | 'INFO' | 'NOTICE' | 'WARNING' | 'LOG' | 'ERROR' | 'FATAL' | 'PANIC';

/** Which wire form a log has (`kernel`: the host's kernel log, read for what it did to Postgres); the name that `whyd parse` and `whyd sources` show. */
export type LogFormat = 'postgres_stderr' | 'postgres_csv' | 'postgres_json' | 'kernel' | 'denokv' | 'proxy';

/** What denokv was asked to do. Null wherever the log cannot tell. */
export type Operation = 'atomic_write' | 'snapshot_read';

interface EventBase {
  readonly at: Instant | null;
  readonly citation: Citation;
  readonly format: LogFormat;
}

/** A server error as the client saw it, taken from denokv's text. */
export interface ServerError {
  readonly severity: string;
  readonly message: string;
  readonly detail: string | null;
  readonly hint: string | null;
}

/**
 * What denokv's error text says once its wrappers are taken off. `failed_to` says which part of denokv's work met it.
 * - `server`: the full text of a Postgres error (tokio-postgres up to 0.7.14).
 * - `bare`: `db error` and nothing more (tokio-postgres 0.7.15 and later).
 * - `client`: anything that denokv, its pool or its socket said itself.
 */
export type DenokvErrorBody =
  | { readonly kind: 'server'; readonly error: ServerError }
  | { readonly kind: 'bare' }
  | { readonly kind: 'client'; readonly text: string };

/** A 500 that denokv logged. */
export interface DenokvErrorEvent extends EventBase {
  readonly kind: 'denokv_error';
  /** The text after `Database error: `, continuation lines unindented. */
  readonly text: string;
  readonly body: DenokvErrorBody;
  /** The error came while denokv was connecting, not while it ran a statement. */
  readonly connecting: boolean;
  readonly operation: Operation | null;
}

export type DenokvNoteTopic =
  | 'startup'
  | 'listening'
  | 'connection_error'
  | 'connection_notice'
  | 'background_error'
  | 'background'
  | 'panic'
  | 'other';

/** Anything else that denokv said and that may matter: start-up, notices of its connections, panics, background tasks. */
export interface DenokvNoteEvent extends EventBase {
  readonly kind: 'denokv_note';
  readonly topic: DenokvNoteTopic;
  readonly severity: Severity | null;
  readonly text: string;
  /** Of a connection or background error: what it says, unwrapped. */
  readonly body: DenokvErrorBody | null;
  /** Of a start-up line: who denokv is to Postgres. The password never gets this far. */
  readonly identity: DenokvIdentity | null;
}

/** Who denokv is to Postgres, as far as known. */
export interface DenokvIdentity {
  readonly backend: 'postgres' | 'sqlite';
  readonly user: string | null;
  readonly database: string | null;
  readonly application: string | null;
}

/** What the session behind a Postgres entry is known by; absent parts are null. */
export interface PostgresSession {
  readonly pid: number | null;
  readonly session: string | null;
  readonly user: string | null;
  readonly database: string | null;
  readonly application: string | null;
  readonly client: string | null;
  readonly backendType: string | null;
}

interface PostgresEntryBase extends EventBase, PostgresSession {
  readonly severity: Severity;
  readonly sqlstate: string | null;
  readonly message: string;
  readonly detail: string | null;
  readonly hint: string | null;
  readonly context: string | null;
  readonly statement: string | null;
  readonly durationMs: number | null;
}

/** A Postgres entry of severity ERROR or above. */
export interface PostgresErrorEvent extends PostgresEntryBase {
  readonly kind: 'postgres_error';
}

/** A Postgres entry below ERROR that may explain one: lock waits, shutdown, crash, recovery, slow statements. */
export interface PostgresContextEvent extends PostgresEntryBase {
  readonly kind: 'postgres_context';
}

/** Statement noise (`statement:`, `duration:`, `execute`): counted, shown by `whyd parse --all`, never stored. */
export interface PostgresStatementEvent extends PostgresEntryBase {
  readonly kind: 'postgres_statement';
}

/** One response that a proxy in front of denokv gave. `at` is when it was logged: the end of the request. */
export interface ProxyResponseEvent extends EventBase {
  readonly kind: 'proxy_response';
  readonly status: number;
  readonly method: string | null;
  /** Path without query. */
  readonly path: string | null;
  /** What denokv was asked for, by the path; `watch` is never a 500. */
  readonly operation: Operation | 'watch' | null;
  /** The proxy's own request id, or the trace id of a traceparent. */
  readonly requestId: string | null;
  readonly client: string | null;
  readonly durationMs: number | null;
}

/** Bytes that were lost before they could be read. */
export interface GapEvent extends EventBase {
  readonly kind: 'gap';
  readonly reason: string;
  readonly bytesLost: number | null;
}

export type PostgresEvent = PostgresErrorEvent | PostgresContextEvent | PostgresStatementEvent;
export type DenokvEvent = DenokvErrorEvent | DenokvNoteEvent;
export type LogEvent = PostgresEvent | DenokvEvent | ProxyResponseEvent | GapEvent;

/** How much of a log was understood; `unrecognised` lines are counted and the first of them is kept as an example. */
export interface ParseCounts {
  readonly lines: number;
  readonly events: number;
  readonly statements: number;
  readonly unrecognised: number;
  readonly truncated: number;
  readonly example: string | null;
}

/** What a file was found to be, and how sure that is (a share of the sampled lines, 0 to 1). */
export interface Detection {
  readonly kind: SourceKind;
  readonly format: LogFormat;
  /** The `log_line_prefix` in Postgres' own escapes, where the format has one. */
  readonly linePrefix: string | null;
  readonly confidence: number;
}

// ---------------------------------------------------------------- causes

export type CauseCategory =
  | 'pool_exhaustion'
  | 'deadlock'
  | 'timeout'
  | 'schema'
  | 'data_type'
  | 'serialization'
  | 'connection'
  | 'constraint'
  | 'permission'
  | 'resource'
  | 'internal'
  | 'sqlite'
  | 'unknown';

export interface Remedy {
  /** A command or a setting, in one sentence. */
  readonly do: string;
  readonly why: string;
}

// ---------------------------------------------------------------- verdicts

export type Certainty = 'certain' | 'likely' | 'possible' | 'unknown';
export type Coverage = 'complete' | 'gap' | 'behind' | 'absent';

/** The JSON of CONTRACT.md, field for field. Times are ISO 8601, UTC; probabilities are between 0 and 1. */
export interface Verdict {
  readonly kind: 'failure';
  readonly id: string;
  readonly at: string | null;
  readonly atPrecision: TimePrecision | null;
  readonly status: 500;
  readonly operation: Operation | null;
  readonly requestId: string | null;
  readonly symptom: VerdictSymptom;
  readonly cause: VerdictCause;
  readonly postgres: VerdictEntry | null;
  readonly alternatives: readonly VerdictAlternative[];
  readonly root: VerdictRoot | null;
  readonly evidence: readonly Evidence[];
  readonly remedies: readonly Remedy[];
  readonly coverage: VerdictCoverage;
  /** Present where denokv's build logs no error at all and the symptom is the Postgres entry itself. */
  readonly inferred?: true;
  readonly issue: string;
  /** The row of retries that this failure is one of; absent where it has no time. A single failure is an episode of one attempt. */
  readonly episode?: Episode;
  /** Of a deadlock whose cycle the logs tell. */
  readonly deadlock?: Deadlock;
  /** What would have made the answer surer and was not there, one sentence each; absent where nothing lacks. */
  readonly notAvailable?: readonly string[];
  /** The one setting that would have told most of it. */
  readonly wouldHelp?: Remedy;
}

/**
 * One client's request, sent again and again because it failed. The number of attempts is not told: a final verdict can't know how many will follow;
 * count the failures of one id.
 */
export interface Episode {
  readonly id: string;
  /** From 1, in the order of the log. */
  readonly attempt: number;
}

/** A cycle of sessions, each waiting for what the next one holds, the last for what the first holds. */
export interface Deadlock {
  readonly parties: readonly DeadlockParty[];
}

export interface DeadlockParty {
  readonly pid: number;
  /** Mode and target, as `ShareLock on transaction 739`. */
  readonly waitsFor: string;
  /** The pid of the party that holds it. */
  readonly heldBy: number;
  /** Only the server's log tells it. */
  readonly statement: string | null;
  readonly application: string | null;
}

export interface VerdictSymptom {
  readonly source: SourceKind;
  readonly file: string;
  readonly line: number;
  readonly byteStart: number;
  readonly byteEnd: number;
  readonly text: string;
}

export interface VerdictCause {
  readonly id: string;
  readonly category: CauseCategory;
  readonly sqlstate: string | null;
  /** One sentence that says why, with the names that this failure had. */
  readonly summary: string;
  readonly confidence: number;
  readonly certainty: Certainty;
}

export interface VerdictEntry {
  readonly file: string;
  readonly line: number;
  readonly byteStart: number;
  readonly byteEnd: number;
  readonly pid: number | null;
  readonly at: string | null;
  readonly confidence: number;
  readonly text: string;
}

export interface VerdictAlternative {
  readonly file: string;
  readonly line: number;
  readonly confidence: number;
  /** Why it lost against the entry that was named. */
  readonly why?: string;
}

export interface VerdictRoot {
  readonly cause: string;
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

export interface Evidence {
  readonly rule: string;
  /** Log-likelihood ratio (natural logarithm) that this rule adds for the answer; negative speaks against it. */
  readonly weight: number;
  readonly says: string;
}

export interface VerdictCoverage {
  readonly denokv: Coverage;
  readonly postgres: Coverage;
  readonly settled: boolean;
}

/** What kept a request from an answer: denokv panicked over it, did not answer in time, or was not there. */
export type DroppedCause = 'panic' | 'hang' | 'unreachable';

/**
 * A request that denokv never answered: its proxy said 502, 503 or 504, or its thread panicked. Not a failure, and never counted as one: a failure is
 * an answer of 500.
 */
export interface Dropped {
  readonly kind: 'dropped';
  readonly id: string;
  readonly at: string | null;
  readonly atPrecision: TimePrecision | null;
  /** The proxy's; null where only the panic is known. */
  readonly status: number | null;
  readonly operation: Operation | 'watch' | null;
  readonly requestId: string | null;
  readonly client: string | null;
  readonly durationMs: number | null;
  /** The proxy's line, or the panic where there is none. */
  readonly symptom: VerdictSymptom;
  readonly cause: {
    readonly id: DroppedCause;
    readonly summary: string;
    readonly confidence: number;
    readonly certainty: Certainty;
  };
  /** The panic, what denokv waited for, or the start after which it was there again. Its `cause` is of the catalogue where a panic tells one. */
  readonly root: VerdictRoot | null;
  readonly evidence: readonly Evidence[];
  readonly remedies: readonly Remedy[];
  readonly episode?: Episode;
}

/** A server-wide event with a window of time, under which failures fall. */
export interface Incident {
  readonly id: string;
  readonly cause: string;
  readonly category: CauseCategory;
  readonly startUs: number;
  /** Null while it is open. */
  readonly endUs: number | null;
  readonly summary: string;
  readonly opening: Citation;
  readonly text: string;
  /** How many failures it explains, and their share of all failures within its time, 0 to 1. */
  readonly failures: number;
  readonly share: number;
  /** What shows it, strongest first: recovery, checkpoints, the kernel's word, a blocker's statement. */
  readonly evidence: readonly Evidence[];
}

// ---------------------------------------------------------------- sources

export type SourceState = 'waiting' | 'reading' | 'following' | 'failing';

/** The health of one followed file, as `whyd sources` and `/v1/sources` show it. */
export interface SourceStatus {
  readonly kind: SourceKind;
  readonly path: string;
  readonly state: SourceState;
  /** Why it is not following, or what else is to be said of it; null: nothing. */
  readonly reason: string | null;
  readonly hint: string | null;
  readonly offset: number;
  readonly sizeBytes: number;
  readonly lagBytes: number;
  readonly gaps: number;
  readonly detection: Detection | null;
  readonly counts: ParseCounts;
  /** Time of the newest event, ISO 8601 UTC. */
  readonly newestAt: string | null;
}

/** A stretch of a log of which lines were lost before they could be read. */
export interface LogGap {
  readonly kind: SourceKind;
  readonly path: string;
  /** Time of the newest event that was read before it, ISO 8601 UTC; null: there was none. */
  readonly from: string | null;
  /** Time of the first event after it; null: none has come yet. */
  readonly to: string | null;
  /** What befell the log. */
  readonly reason: string;
  readonly bytesLost: number | null;
}

/** An incident as the API and `--json` give it: stored, with the failures that are known to fall under it. */
export interface IncidentRecord {
  readonly id: string;
  /** A cause id, or `lock_pile_up`. */
  readonly cause: string;
  readonly category: CauseCategory;
  readonly startAt: string;
  /** Null while it is open. */
  readonly endAt: string | null;
  readonly summary: string;
  readonly file: string;
  readonly line: number;
  readonly byteStart: number;
  readonly byteEnd: number;
  readonly text: string;
  readonly failures: number;
  /** Of all failures within its time, 0 to 1. */
  readonly share: number;
  readonly evidence: readonly Evidence[];
}

// ---------------------------------------------------------------- issues

export type IssueState = 'open' | 'muted' | 'resolved';
/** `new`: first seen within a day. `regressed`: came back after it was resolved. `escalating`: many more in this hour than is usual for it. */
export type IssueFlag = 'new' | 'regressed' | 'escalating';

/** How often something happened in the hour that begins at `at`. */
export interface HourCount {
  readonly at: string;
  readonly count: number;
}

/** Failures of one cause, SQLSTATE, operation, object and wording. Its counts outlive the failures themselves. */
export interface Issue {
  readonly id: string;
  readonly state: IssueState;
  readonly flags: readonly IssueFlag[];
  readonly cause: string;
  readonly category: CauseCategory;
  readonly sqlstate: string | null;
  readonly operation: Operation | null;
  /** The relation, constraint, column or function that the texts name. */
  readonly object: string | null;
  readonly title: string;
  /** What its failures say, with what differs between them taken out. */
  readonly text: string;
  readonly count: number;
  readonly firstAt: string | null;
  readonly lastAt: string | null;
  readonly mutedUntil: string | null;
  readonly resolvedAt: string | null;
  /** The incident under which its newest failure falls. */
  readonly incident: string | null;
  readonly lastFailure: string;
  /** Oldest hour first; hours without a failure are left out. */
  readonly hourly: readonly HourCount[];
}

/** What an operator may do to an issue. */
export type IssueStep =
  | { readonly kind: 'mute'; readonly untilMs: number | null }
  | { readonly kind: 'resolve' }
  | { readonly kind: 'reopen' };

// ---------------------------------------------------------------- events and timelines, as they are shown

/** One event as `whyd parse --json` and `/v1/events` give it: the fields of the contract, absent ones null. */
export interface EventRow {
  readonly file: string;
  readonly line: number;
  readonly lines: number;
  readonly format: LogFormat;
  readonly kind: LogEvent['kind'];
  readonly at: string | null;
  readonly atPrecision: TimePrecision | null;
  readonly severity: Severity | null;
  readonly pid: number | null;
  readonly session: string | null;
  readonly user: string | null;
  readonly database: string | null;
  readonly application: string | null;
  readonly client: string | null;
  readonly sqlstate: string | null;
  readonly message: string | null;
  readonly detail: string | null;
  readonly hint: string | null;
  readonly context: string | null;
  readonly statement: string | null;
  readonly durationMs: number | null;
}

/** An event of the index; `id` grows, and a fuller version of an event has a new one. */
export interface EventRecord extends EventRow {
  readonly id: number;
}

/** What an entry of a timeline is to the failure; `session`: of the same backend as the entry that the request received. */
export type TimelineRole = 'symptom' | 'entry' | 'root' | 'session' | 'alternative';

export interface TimelineEntry {
  readonly at: string | null;
  readonly atPrecision: TimePrecision | null;
  readonly source: SourceKind;
  readonly file: string;
  readonly line: number;
  readonly lines: number;
  readonly kind: LogEvent['kind'];
  readonly severity: Severity | null;
  readonly pid: number | null;
  readonly sqlstate: string | null;
  readonly text: string;
  readonly role: TimelineRole | null;
}

/** Both logs around one failure, in one sequence. */
export interface Timeline {
  readonly failureId: string;
  readonly from: string | null;
  readonly to: string | null;
  /** Entries that the bound on a timeline left out. */
  readonly omitted: number;
  readonly entries: readonly TimelineEntry[];
}

// ---------------------------------------------------------------- statistics and markers

/** The JSON of a thing, as it is sent: what the index keeps as JSON need not be read to be written again. */
export type JsonOf<Thing> = string & { readonly of?: Thing };
/** The same as its bytes, where it is long: text of SQLite that is only sent on is made no string of, and that no bytes again. */
export type JsonBytesOf<Thing> = Uint8Array & { readonly of?: Thing };

export interface StatsBucket {
  readonly at: string;
  /** Failures by cause id; causes without one are left out. */
  readonly causes: Readonly<Record<string, number>>;
}

export interface CauseCount {
  readonly cause: string;
  readonly category: CauseCategory;
  readonly count: number;
}

export interface Stats {
  readonly bucketSeconds: number;
  /** Oldest first; every bucket of the span is there, empty ones too. */
  readonly buckets: readonly StatsBucket[];
  /** Most frequent first. */
  readonly causes: readonly CauseCount[];
  readonly openIssues: number;
  readonly openIncidents: number;
  readonly failures: number;
}

/** Something that people did and that may explain what came after: a deploy, a migration. */
export interface Marker {
  readonly id: number;
  readonly at: string;
  readonly text: string;
}

// ---------------------------------------------------------------- reading the index

export interface FailureFilter {
  /** Inclusive, microseconds since the epoch. */
  readonly sinceUs?: number;
  /** Exclusive. */
  readonly untilUs?: number;
  readonly cause?: string;
  readonly operation?: Operation;
  readonly sqlstate?: string;
  readonly certainty?: Certainty;
  readonly issue?: string;
  readonly incident?: string;
  /** Words of the symptom's or the entry's text, compared without case; the last one may be cut short. */
  readonly text?: string;
}

export interface IssueFilter {
  readonly state?: IssueState;
  readonly cause?: string;
  /** Issues with a failure at or after this moment, microseconds since the epoch. */
  readonly sinceUs?: number;
}

/** Incidents that overlap [sinceUs, untilUs). */
export interface IncidentFilter {
  readonly sinceUs?: number;
  readonly untilUs?: number;
  readonly cause?: string;
  readonly open?: boolean;
}

export interface EventFilter {
  readonly sinceUs?: number;
  readonly untilUs?: number;
  readonly kind?: LogEvent['kind'];
  readonly severity?: Severity;
  readonly sqlstate?: string;
  readonly pid?: number;
  /** A piece of the event, compared without case. */
  readonly text?: string;
}

export interface PageRequest {
  readonly limit: number;
  /** Null: the first page. */
  readonly cursor: string | null;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Opaque; null on the last page. */
  readonly nextCursor: string | null;
}

/** How `why` matched one failure, best first. */
export interface WhyMatch {
  readonly how:
    'last' | 'id' | 'request' | 'time' | 'issue' | 'incident' | 'key' | 'sqlstate' | 'cause' | 'operation' | 'text';
  /** How far the failure lies from the time that was asked for; 0 within it, null for other questions. */
  readonly distanceMs: number | null;
  /** So many more failures of the same issue fit as well; this one is the newest (the nearest, for a time). */
  readonly same: number;
  readonly verdict: Verdict;
}

/** The answer to "why did X fail?". `total` counts the failures that fit (up to COUNTED_UP_TO), `matches` holds one of each issue, best first. */
export interface WhyAnswer {
  readonly query: string;
  /** `dropped`: no failure fits, but the request that was asked for by its id got no answer at all. */
  readonly result: 'match' | 'ambiguous' | 'dropped' | 'no_match';
  readonly total: number;
  readonly matches: readonly WhyMatch[];
  /** Attempts of that request that got no answer, oldest first: they are no failures. */
  readonly dropped: readonly Dropped[];
  /** What was read, so that "no match" can be told from "no data". */
  readonly sources: readonly SourceStatus[];
  /** Where lines of the logs were lost: those at an asked time first, then the newest. */
  readonly gaps: readonly LogGap[];
  /** What may be missing from the answer because a log was not read whole, one sentence each. */
  readonly coverage: readonly string[];
}

/** Failures of one issue among those that fit a question. */
export interface FailureGroup {
  readonly issue: string;
  readonly newest: Verdict;
  readonly count: number;
}

/** What fits a question, by issue, the group with the newest failure first. Counting stops at 500. */
export interface GroupedFailures {
  readonly total: number;
  readonly groups: readonly FailureGroup[];
}

/** When a failure was, and which issue it is of. Without a time it is no such thing. */
export interface FailureMoment {
  readonly id: string;
  readonly issue: string;
  /** What its stamp may mean, microseconds since the epoch: one of whole seconds means that whole second. */
  readonly startUs: number;
  /** Exclusive. */
  readonly endUs: number;
}

/** What readers (API, command line) may ask of the index. Implemented by src/store, handed over by the composition root. */
export interface IndexReader {
  failureById(id: string): Verdict | null;
  /** In the order of the ids, without those that are not there. */
  failuresByIds(ids: readonly string[]): readonly Verdict[];
  /** Failures whose id begins so, newest first. */
  failuresByIdPrefix(prefix: string, limit: number): readonly Verdict[];
  /** By the id of the request or of its trace. */
  failuresByRequest(requestId: string, limit: number): readonly Verdict[];
  /** Requests without an answer, by their own id or by that of the request or of its trace; oldest first. */
  droppedById(id: string, limit: number): readonly Dropped[];
  /** Those whose log lines name a KV key, or keys below it; newest first. */
  failuresByKey(key: Uint8Array, limit: number): readonly Verdict[];
  /** Newest first. */
  failures(filter: FailureFilter, page: PageRequest): Page<Verdict>;
  groupFailures(filter: FailureFilter, limit: number): GroupedFailures;
  /** The failures in a stretch of time, newest first. */
  momentsWithin(sinceUs: number, untilUs: number, limit: number): readonly FailureMoment[];
  /** The failures nearest to a moment, nearest first. */
  momentsNear(us: number, limit: number): readonly FailureMoment[];
  sources(): readonly SourceStatus[];
  /** Newest first. */
  gaps(limit: number): readonly LogGap[];
}

/** Where the API listens. */
export type ListenAddress = TcpAddress | SocketAddress;

/** A loopback address, unless there is TLS or a proxy. Port 0 lets the system choose. */
export interface TcpAddress {
  readonly host: string;
  readonly port: number;
}

/** A unix socket, by its absolute path: who may reach it is up to the folder's mode and the socket's. */
export interface SocketAddress {
  readonly socket: string;
}
