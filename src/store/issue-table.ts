import type { Database } from 'better-sqlite3';
import type {
  CauseCategory,
  HourCount,
  Issue,
  IssueFilter,
  IssueState,
  IssueStep,
  Operation,
  Page,
  PageRequest,
  Verdict,
} from '../domain.ts';
import { EXIT, WhydError } from '../errors.ts';
import { formatUtc, parseRfc3339 } from '../time/rfc3339.ts';
import { decodePlace, encodeParts } from './failure-cursor.ts';
import { flagsOf, HOUR_US } from './issue-flags.ts';
import { StatementCache } from './statement-cache.ts';

/** What an issue is called and what it is about; made by the joiner's room, kept here. */
export interface IssueSeed {
  readonly object: string | null;
  readonly title: string;
  readonly text: string;
}

interface IssueRow {
  readonly id: string;
  readonly cause: string;
  readonly category: CauseCategory;
  readonly sqlstate: string | null;
  readonly operation: Operation | null;
  readonly object: string | null;
  readonly title: string;
  readonly text: string;
  readonly count: number;
  readonly first_us: number | null;
  readonly last_us: number | null;
  readonly order_us: number;
  readonly last_failure: string;
  readonly state: IssueState;
  readonly regressed: number;
  readonly muted_until_ms: number | null;
  readonly resolved_ms: number | null;
  readonly incident: string | null;
}

/** A page shows the last two days of each issue, one alone the last month. */
const PAGE_HOURS = 48;
const DETAIL_HOURS = 720;
const TEXT_MAX_CHARS = 1000;
const HOURS_REMEMBERED = 2000;

/** Which step leads where; a step that is not here is refused. */
const STEPS: Readonly<Record<IssueStep['kind'], { readonly from: readonly IssueState[]; readonly to: IssueState }>> = {
  mute: { from: ['open', 'muted'], to: 'muted' },
  resolve: { from: ['open', 'muted'], to: 'resolved' },
  reopen: { from: ['muted', 'resolved'], to: 'open' },
};

/** Issues, and how often each happened in which hour. */
export class IssueTable {
  readonly #lists: StatementCache;
  readonly #statements: ReturnType<typeof prepare>;
  readonly #hours = new Map<number, string>();

  constructor(database: Database) {
    this.#lists = new StatementCache(database);
    this.#statements = prepare(database);
  }

  /**
   * Counts failures that have just become final.
   * @param atMs wall clock of the save
   * @returns the ids of the issues that they are of
   */
  add(settled: readonly Verdict[], atMs: number, seedOf: (verdict: Verdict) => IssueSeed): readonly string[] {
    for (const verdict of settled) {
      const us = verdict.at === null ? null : (parseRfc3339(verdict.at)?.us ?? null);
      this.#statements.upsert.run({ ...rowOf(verdict, seedOf(verdict)), us, orderUs: us ?? atMs * 1000, atMs });
      if (us !== null) this.#statements.addHour.run(verdict.issue, Math.floor(us / HOUR_US) * HOUR_US);
    }
    return [...new Set(settled.map(({ issue }) => issue))];
  }

  byId(id: string, nowMs: number): Issue | null {
    const row = this.#statements.byId.get(id);
    return row === undefined ? null : this.#toIssue(row, nowMs, DETAIL_HOURS);
  }

  /** With as many hours as a page shows. */
  byIdBriefly(id: string, nowMs: number): Issue | null {
    const row = this.#statements.byId.get(id);
    return row === undefined ? null : this.#toIssue(row, nowMs, PAGE_HOURS);
  }

  /** Most recently seen first. @throws WhydError `query.bad_cursor` */
  page({ state, cause, sinceUs }: IssueFilter, { limit, cursor }: PageRequest, nowMs: number): Page<Issue> {
    const place = cursor === null ? null : decodePlace(cursor);
    const conditions: { sql: string; values: (string | number)[] }[] = [];
    if (state === 'muted') conditions.push({ sql: `state = 'muted' AND ${STILL_MUTED}`, values: [nowMs] });
    if (state === 'open') conditions.push({ sql: OPEN, values: [nowMs] });
    if (state === 'resolved') conditions.push({ sql: `state = 'resolved'`, values: [] });
    if (cause !== undefined) conditions.push({ sql: 'cause = ?', values: [cause] });
    if (sinceUs !== undefined) conditions.push({ sql: 'order_us >= ?', values: [sinceUs] });
    if (place !== null) conditions.push({ sql: '(order_us, id) < (?, ?)', values: [place.us, place.id] });
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.map(({ sql }) => sql).join(' AND ')}`;
    const rows = this.#lists
      .get<IssueRow>(`${SELECT} ${where} ORDER BY order_us DESC, id DESC LIMIT ?`)
      .all(...conditions.flatMap(({ values }) => values), limit + 1);
    const items = rows.slice(0, limit);
    const last = rows.length > limit ? items.at(-1) : undefined;
    return {
      items: items.map((row) => this.#toIssue(row, nowMs, PAGE_HOURS)),
      nextCursor: last === undefined ? null : encodeParts([last.order_us, last.id]),
    };
  }

  countOpen(nowMs: number): number {
    return this.#statements.countOpen.get(nowMs)?.total ?? 0;
  }

  /** @returns null when there is no such issue @throws WhydError `issue.illegal_step` */
  take(id: string, step: IssueStep, nowMs: number): Issue | null {
    const issue = this.byId(id, nowMs);
    if (issue === null) return null;
    const { from, to } = STEPS[step.kind];
    if (!from.includes(issue.state)) {
      throw new WhydError('issue.illegal_step', `the issue is ${issue.state}: it cannot be told to ${step.kind}`, {
        hint: `only an issue that is ${from.join(' or ')} can`,
        exitCode: EXIT.usage,
      });
    }
    const untilMs = step.kind === 'mute' ? step.untilMs : null;
    this.#statements.setState.run(to, untilMs, to === 'resolved' ? nowMs : null, id);
    return this.byId(id, nowMs);
  }

  /** A page names the same two days' hours for each of its issues. */
  #hourAt(us: number): string {
    const known = this.#hours.get(us);
    if (known !== undefined) return known;
    if (this.#hours.size >= HOURS_REMEMBERED) this.#hours.clear();
    const at = formatUtc(us);
    this.#hours.set(us, at);
    return at;
  }

  #toIssue(row: IssueRow, nowMs: number, hours: number): Issue {
    const sinceUs = (row.last_us ?? 0) - hours * HOUR_US;
    const hourly = this.#statements.hours.all(row.id, sinceUs).map(([us, count]) => ({ us, count }));
    const isMuteOver = row.state === 'muted' && row.muted_until_ms !== null && row.muted_until_ms <= nowMs;
    const state = isMuteOver ? 'open' : row.state;
    return {
      id: row.id,
      state,
      flags: flagsOf({ firstUs: row.first_us, isRegressed: row.regressed === 1, hourly, nowMs }),
      cause: row.cause,
      category: row.category,
      sqlstate: row.sqlstate,
      operation: row.operation,
      object: row.object,
      title: row.title,
      text: row.text,
      count: row.count,
      firstAt: timeOrNull(row.first_us),
      lastAt: timeOrNull(row.last_us),
      mutedUntil: state === 'muted' && row.muted_until_ms !== null ? formatUtc(row.muted_until_ms * 1000) : null,
      resolvedAt: row.resolved_ms === null ? null : formatUtc(row.resolved_ms * 1000),
      incident: row.incident,
      lastFailure: row.last_failure,
      hourly: hourly.map(({ us, count }): HourCount => ({ at: this.#hourAt(us), count })),
    };
  }
}

function timeOrNull(us: number | null): string | null {
  return us === null ? null : formatUtc(us);
}

function rowOf({ id, issue, cause, operation }: Verdict, { object, title, text }: IssueSeed) {
  return {
    id: issue,
    cause: cause.id,
    category: cause.category,
    sqlstate: cause.sqlstate,
    operation,
    object,
    title: title.slice(0, TEXT_MAX_CHARS),
    text: text.slice(0, TEXT_MAX_CHARS),
    lastFailure: id,
  };
}

type NewIssue = ReturnType<typeof rowOf> & {
  readonly us: number | null;
  readonly orderUs: number;
  readonly atMs: number;
};

const STILL_MUTED = '(muted_until_ms IS NULL OR muted_until_ms > ?)';
const OPEN = `(state = 'open' OR (state = 'muted' AND muted_until_ms <= ?))`;
const SELECT = 'SELECT i.*, (SELECT f.incident FROM failures f WHERE f.id = i.last_failure) AS incident FROM issues i';
/** What happened after it was resolved, and not merely came late. */
const COMES_BACK = `(issues.state = 'resolved' AND coalesce(@us, @atMs * 1000) > issues.resolved_ms * 1000)`;

function prepare(database: Database) {
  return {
    upsert: database.prepare<[NewIssue]>(
      `INSERT INTO issues (id, cause, category, sqlstate, operation, object, title, text, count, first_us, last_us, order_us, last_failure)
       VALUES (@id, @cause, @category, @sqlstate, @operation, @object, @title, @text, 1, @us, @us, @orderUs, @lastFailure)
       ON CONFLICT (id) DO UPDATE SET
         count = count + 1,
         first_us = min(coalesce(first_us, @us), coalesce(@us, first_us)),
         last_us = max(coalesce(last_us, @us), coalesce(@us, last_us)),
         last_failure = CASE WHEN @orderUs >= order_us THEN @lastFailure ELSE last_failure END,
         order_us = max(order_us, @orderUs),
         regressed = CASE WHEN ${COMES_BACK} THEN 1 ELSE regressed END,
         resolved_ms = CASE WHEN ${COMES_BACK} THEN NULL ELSE resolved_ms END,
         state = CASE WHEN ${COMES_BACK} THEN 'open' ELSE state END`,
    ),
    addHour: database.prepare<[string, number]>(
      `INSERT INTO issue_hours (issue_id, hour_us, count) VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET count = count + 1`,
    ),
    byId: database.prepare<[string], IssueRow>(`${SELECT} WHERE id = ?`),
    // As arrays: a page holds two days of fifty issues.
    hours: database
      .prepare<[string, number], readonly [us: number, count: number]>(
        'SELECT hour_us, count FROM issue_hours WHERE issue_id = ? AND hour_us > ? ORDER BY hour_us',
      )
      .raw(),
    countOpen: database.prepare<[number], { total: number }>(`SELECT count(*) AS total FROM issues WHERE ${OPEN}`),
    setState: database.prepare<[IssueState, number | null, number | null, string]>(
      'UPDATE issues SET state = ?, muted_until_ms = ?, resolved_ms = ?, regressed = 0 WHERE id = ?',
    ),
  };
}
