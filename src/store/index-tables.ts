import type { Database } from 'better-sqlite3';
import { DroppedTable } from './dropped-table.ts';
import { EventList } from './event-list.ts';
import { EventTable } from './event-table.ts';
import { FailureGroups } from './failure-groups.ts';
import { failureLookups } from './failure-lookups.ts';
import { FailureMoments } from './failure-moments.ts';
import { FailureQuery } from './failure-query.ts';
import { FailureTable } from './failure-table.ts';
import { FileTable } from './file-table.ts';
import { GapTable } from './gap-table.ts';
import { HourlyTable } from './hourly-table.ts';
import { IncidentTable } from './incident-table.ts';
import { IssueTable } from './issue-table.ts';
import { KeyTable } from './key-table.ts';
import { MarkerTable } from './marker-table.ts';
import { StatsQuery } from './stats-query.ts';
import type { VerdictsById } from './verdicts-by-id.ts';

/** The tables of one index, and the queries over several of them. */
export class IndexTables {
  readonly issues: IssueTable;
  readonly incidents: IncidentTable;
  readonly markers: MarkerTable;
  readonly stats: StatsQuery;
  readonly keys: KeyTable;
  readonly eventList: EventList;
  readonly files: FileTable;
  readonly events: EventTable;
  readonly failures: FailureTable;
  readonly dropped: DroppedTable;
  readonly query: FailureQuery;
  readonly groups: FailureGroups;
  readonly moments: FailureMoments;
  readonly verdicts: VerdictsById;
  readonly hourly: HourlyTable;
  readonly gaps: GapTable;
  /** What the daemon remembers from run to run. */
  readonly meta;

  constructor(database: Database) {
    this.issues = new IssueTable(database);
    this.incidents = new IncidentTable(database);
    this.markers = new MarkerTable(database);
    this.stats = new StatsQuery(database);
    this.keys = new KeyTable(database);
    this.eventList = new EventList(database);
    this.files = new FileTable(database);
    this.events = new EventTable(database, this.keys);
    this.failures = new FailureTable(database);
    this.dropped = new DroppedTable(database);
    const lookups = failureLookups(database);
    this.query = new FailureQuery(database, lookups);
    this.groups = new FailureGroups(database, lookups);
    this.moments = new FailureMoments(database);
    this.verdicts = lookups.verdicts;
    this.hourly = new HourlyTable(database);
    this.gaps = new GapTable(database);
    this.meta = database.prepare<[string], { value: string }>('SELECT value FROM meta WHERE key = ?');
  }
}
