import type { Database } from 'better-sqlite3';
import type { CauseCategory, Incident, IncidentFilter, IncidentRecord, Page, PageRequest } from '../domain.ts';
import { formatUtc } from '../time/rfc3339.ts';
import { decodePlace, encodeParts } from './failure-cursor.ts';
import { StatementCache } from './statement-cache.ts';

interface IncidentRow {
  readonly id: string;
  readonly cause: string;
  readonly category: CauseCategory;
  readonly start_us: number;
  readonly end_us: number | null;
  readonly summary: string;
  readonly file: string;
  readonly line: number;
  readonly body: string;
  readonly saved_ms: number;
}

type IncidentBody = Pick<IncidentRecord, 'byteStart' | 'byteEnd' | 'text' | 'evidence'>;

/** A row before it is saved. */
type FoundRow = Omit<IncidentRow, 'saved_ms'>;

interface SaveOptions {
  /** Whether it is an incident of failures alike, with no entry of its own that opened it. */
  readonly isSpell: (incident: Incident) => boolean;
  /** What is said of incidents that began earlier rests on a part of what was logged: of those only the end is news. */
  readonly wholeFromUs: number;
}

/** What was made of the incidents of one round. */
export interface SavedIncidents {
  /** By the id that the joiner gave: the id under which it is stored. */
  readonly idOf: ReadonlyMap<string, string>;
  readonly changed: readonly string[];
}

/** The live window slides: a condition whose beginning has left it is found again with a later start, and is still the same one. */
const SAME_SPELL_US = 10_000_000;
/** A condition is over when no failure has met it for so long. */
const QUIET_US = 10_000_000;
const QUIET_MS = 60_000;
const COUNT_LIMIT = 100_000;
const SECOND_US = 1_000_000;
const MINUTE_US = 60_000_000;
const ALWAYS_US = Number.MAX_SAFE_INTEGER;

/** Incidents with their windows. Which failures fall under one is a column of theirs. */
export class IncidentTable {
  readonly #lists: StatementCache;
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: Database) {
    this.#lists = new StatementCache(database);
    this.#statements = prepare(database);
  }

  /** @param atMs wall clock of the save */
  save(incidents: readonly Incident[], atMs: number, { isSpell, wholeFromUs }: SaveOptions): SavedIncidents {
    const idOf = new Map<string, string>();
    const changed: string[] = [];
    for (const incident of incidents) {
      const known = isSpell(incident) ? this.#partsOf(incident) : this.#statements.byId.all(incident.id);
      const row = known.reduce<FoundRow>((found, part) => grown(found, part, wholeFromUs), rowOf(incident));
      idOf.set(incident.id, row.id);
      for (const { id } of known) if (id !== row.id) this.#rename(id, row.id, idOf);
      if (known.some((part) => says(part) === says(row))) continue;
      this.#statements.save.run({ ...row, saved_ms: atMs });
      changed.push(row.id);
    }
    return { idOf, changed };
  }

  byId(id: string, nowMs: number): IncidentRecord | null {
    const row = this.#statements.byId.get(id);
    return row === undefined ? null : this.#toRecord(row, this.#openAfterUs(), nowMs);
  }

  /** Newest first. @throws WhydError `query.bad_cursor` */
  page(
    { sinceUs, untilUs, cause, open }: IncidentFilter,
    { limit, cursor }: PageRequest,
    nowMs: number,
  ): Page<IncidentRecord> {
    const place = cursor === null ? null : decodePlace(cursor);
    const openAfterUs = this.#openAfterUs();
    const conditions: { sql: string; values: (string | number)[] }[] = [];
    const isOpen = { sql: `(${OPEN})`, values: [openAfterUs, nowMs - QUIET_MS] };
    if (sinceUs !== undefined) conditions.push({ sql: 'coalesce(end_us, ?) >= ?', values: [sinceUs, sinceUs] });
    if (untilUs !== undefined) conditions.push({ sql: 'start_us < ?', values: [untilUs] });
    if (cause !== undefined) conditions.push({ sql: 'cause = ?', values: [cause] });
    if (open === true) conditions.push(isOpen);
    if (open === false) conditions.push({ ...isOpen, sql: `NOT ${isOpen.sql}` });
    if (place !== null) conditions.push({ sql: '(start_us, id) < (?, ?)', values: [place.us, place.id] });
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.map(({ sql }) => sql).join(' AND ')}`;
    const rows = this.#lists
      .get<IncidentRow>(`SELECT * FROM incidents ${where} ORDER BY start_us DESC, id DESC LIMIT ?`)
      .all(...conditions.flatMap(({ values }) => values), limit + 1);
    const items = rows.slice(0, limit);
    const last = rows.length > limit ? items.at(-1) : undefined;
    return {
      items: items.map((row) => this.#toRecord(row, openAfterUs, nowMs)),
      nextCursor: last === undefined ? null : encodeParts([last.start_us, last.id]),
    };
  }

  countOpen(nowMs: number): number {
    return this.#statements.countOpen.get(this.#openAfterUs(), nowMs - QUIET_MS)?.total ?? 0;
  }

  /** Times are the logs' own, and so is the clock that they are held against. */
  #openAfterUs(): number {
    return (this.#statements.newest.get()?.us ?? 0) - QUIET_US;
  }

  /** What is stored of a spell: more than one row, when the failure that links them was the last to settle. */
  #partsOf({ id, cause, summary, startUs, endUs }: Incident): readonly IncidentRow[] {
    const { byId, overlapping } = this.#statements;
    const parts = overlapping.all(cause, summary, (endUs ?? startUs) + SAME_SPELL_US, startUs - SAME_SPELL_US);
    return parts.some((part) => part.id === id) ? parts : [...byId.all(id), ...parts];
  }

  /** An incident is called after its first failure: when an earlier one settles later, it goes on under that one's name. */
  #rename(from: string, to: string, idOf: Map<string, string>): void {
    this.#statements.moveFailures.run(to, from);
    this.#statements.remove.run(from);
    for (const [given, stored] of idOf) if (stored === from) idOf.set(given, to);
  }

  #toRecord(row: IncidentRow, openAfterUs: number, nowMs: number): IncidentRecord {
    const { byteStart, byteEnd, text, evidence } = JSON.parse(row.body) as IncidentBody;
    const isOpen = row.end_us === null || (row.end_us >= openAfterUs && row.saved_ms >= nowMs - QUIET_MS);
    // A failure of a whole second may lie anywhere in it, and one of an incident may be seen after its end.
    const fromUs = Math.floor(row.start_us / SECOND_US) * SECOND_US;
    const toUs = row.end_us === null ? ALWAYS_US : row.end_us + SECOND_US;
    const under = this.#statements.countUnder.get({ id: row.id, fromUs, toUs }) ?? { total: 0, within: 0 };
    const failures = under.total;
    const others = Math.min(COUNT_LIMIT, this.#countWithin(fromUs, toUs)) - under.within;
    return {
      id: row.id,
      cause: row.cause,
      category: row.category,
      startAt: formatUtc(row.start_us),
      endAt: isOpen ? null : formatUtc(row.end_us),
      summary: row.summary,
      file: row.file,
      line: row.line,
      byteStart,
      byteEnd,
      text,
      failures,
      share: failures === 0 ? 0 : Math.round((failures / (failures + others)) * 1000) / 1000,
      evidence,
    };
  }

  /** Whole minutes are counted already. */
  #countWithin(fromUs: number, toUs: number): number {
    const { countWithin, countMinutes } = this.#statements;
    const count = (from: number, to: number): number => countWithin.get(from, to)?.total ?? 0;
    const firstUs = Math.ceil(fromUs / MINUTE_US) * MINUTE_US;
    const lastUs = Math.floor(toUs / MINUTE_US) * MINUTE_US;
    if (firstUs >= lastUs) return count(fromUs, toUs);
    return count(fromUs, firstUs) + (countMinutes.get(firstUs, lastUs)?.total ?? 0) + count(lastUs, toUs);
  }
}

function rowOf({ id, cause, category, startUs, endUs, summary, opening, text, evidence }: Incident): FoundRow {
  const { file, line, byteStart, byteEnd } = opening;
  const body: IncidentBody = { byteStart, byteEnd, text, evidence };
  return { id, cause, category, start_us: startUs, end_us: endUs, summary, file, line, body: JSON.stringify(body) };
}

/** An incident only ever grows: what opened it stays, whatever a later window has left of it. Of two parts the earlier gives the name. */
function grown(found: FoundRow, known: FoundRow, wholeFromUs: number): FoundRow {
  const isSame = found.id === known.id;
  const isFirst = isSame ? found.start_us <= known.start_us : found.start_us < known.start_us;
  const isOver = found.end_us !== null && known.end_us !== null;
  const end = isOver ? Math.max(found.end_us, known.end_us) : found.end_us;
  const isPart = isSame && found.start_us < wholeFromUs;
  return { ...(isFirst && !isPart ? found : known), end_us: end };
}

function says({ cause, start_us, end_us, summary, file, line, body }: FoundRow): string {
  return JSON.stringify([cause, start_us, end_us, summary, file, line, body]);
}

const OPEN = 'end_us IS NULL OR (end_us >= ? AND saved_ms >= ?)';

function prepare(database: Database) {
  return {
    byId: database.prepare<[string], IncidentRow>('SELECT * FROM incidents WHERE id = ?'),
    overlapping: database.prepare<[string, string, number, number], IncidentRow>(
      `SELECT * FROM incidents WHERE cause = ? AND summary = ? AND start_us <= ? AND end_us >= ?`,
    ),
    save: database.prepare<[IncidentRow]>(
      `INSERT OR REPLACE INTO incidents (id, cause, category, start_us, end_us, summary, file, line, body, saved_ms)
       VALUES (@id, @cause, @category, @start_us, @end_us, @summary, @file, @line, @body, @saved_ms)`,
    ),
    moveFailures: database.prepare<[string, string]>('UPDATE failures SET incident = ? WHERE incident = ?'),
    remove: database.prepare<[string]>('DELETE FROM incidents WHERE id = ?'),
    countOpen: database.prepare<[number, number], { total: number }>(
      `SELECT count(*) AS total FROM incidents WHERE ${OPEN}`,
    ),
    countUnder: database.prepare<[{ id: string; fromUs: number; toUs: number }], { total: number; within: number }>(
      `SELECT count(*) AS total, coalesce(sum(order_us >= @fromUs AND order_us < @toUs), 0) AS within
       FROM (SELECT order_us FROM failures WHERE incident = @id LIMIT ${String(COUNT_LIMIT)})`,
    ),
    countMinutes: database.prepare<[number, number], { total: number | null }>(
      'SELECT sum(total) AS total FROM minutes WHERE minute_us >= ? AND minute_us < ?',
    ),
    countWithin: database.prepare<[number, number], { total: number }>(
      `SELECT count(*) AS total FROM (SELECT 1 FROM failures WHERE order_us >= ? AND order_us < ? LIMIT ${String(COUNT_LIMIT)})`,
    ),
    newest: database.prepare<[], { us: number | null }>('SELECT max(at_us) AS us FROM events WHERE at_us IS NOT NULL'),
  };
}
