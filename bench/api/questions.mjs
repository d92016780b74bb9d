/** What is asked, by name: how soon it must be answered, and the path of the n-th asking. Every asking is of another thing, so that no cache helps. */
import { DAYS, EVENTS_PER_FAILURE, failureIdOf, requestIdOf } from './fill-index.mjs';
import { randomFrom } from '../parse/random.mjs';

const WHY_MS = 10;
const LIST_MS = 20;
const DEEP_PAGES = 20;

/** @param ask GET of a path as JSON: deep cursors and ids are fetched before anything is measured */
export async function questionsOf(ask, { events, nowMs }) {
  const random = randomFrom(11);
  const failures = Math.floor(events / EVENTS_PER_FAILURE);
  const spanMs = DAYS * 86_400_000;
  const someFailure = () => Math.floor(random() * failures);
  const someMs = () => nowMs - Math.floor(random() * spanMs * 0.98) - 1;
  const iso = (ms) => new Date(ms).toISOString();
  const pick = (list) => list[Math.floor(random() * list.length)];
  const why = (text) => `/v1/why?q=${encodeURIComponent(text)}`;
  const deep = {};
  for (const [name, path] of Object.entries({
    failures: '/v1/failures?limit=50',
    cause: '/v1/failures?limit=50&cause=lock_timeout',
    words: '/v1/failures?limit=50&q=deadlock',
    events: '/v1/events?limit=50',
    issues: '/v1/issues?limit=50',
    incidents: '/v1/incidents?limit=20',
  }))
    deep[name] = await deepCursors(ask, path);
  const page = (path, name) => `${path}&cursor=${pick(deep[name])}`;
  const absent = () => `zq${Math.floor(random() * 1e9).toString(36)}x`;
  return [
    { group: 'floor', name: 'health', wantedMs: null, path: () => '/v1/health' },
    ...[
      ['id', () => failureIdOf(someFailure())],
      ['beginning of an id', () => failureIdOf(someFailure()).slice(0, 14)],
      ['request id', () => requestIdOf(Math.floor(someFailure() / 3) * 3)],
      ['last', () => 'last'],
      ['second', () => iso(someMs()).slice(0, 19) + 'Z'],
      ['millisecond', () => iso(someMs())],
      ['minute', () => iso(someMs()).slice(0, 16) + 'Z'],
      ['day', () => iso(someMs()).slice(0, 10)],
      ['words of most', () => pick(['database error', 'db error', 'error', 'key already exists'])],
      ['words of many', () => pick(['deadlock detected', 'statement timeout', 'duplicate key value', 'lock timeout'])],
      ['rare word', () => `shard${Math.floor(random() * 1000)}`],
      ['rare number', () => String(1000 + Math.floor(random() * 100_000))],
      ['beginning of a word', () => pick(['deadlo', 'duplic', 'statem', 'alread'])],
      ['piece of a word', () => pick(['eadlock', 'uplicate', 'nstraint', 'imeout'])],
      ['absent word', absent],
      ['absent words', () => `${absent()} ${absent()}`],
      ['absent piece', () => `--${'+'.repeat(2 + Math.floor(random() * 20))}`],
      ['KV key', () => JSON.stringify(['users', `u${someFailure()}`])],
      ['SQLSTATE', () => pick(['40P01', '55P03', '57014', '23505', '53100'])],
      ['cause', () => pick(['deadlock', 'lock_timeout', 'disk_full', 'server_crash'])],
      ['operation', () => pick(['atomic_write', 'snapshot_read'])],
    ].map(([name, text]) => ({ group: 'why', name, wantedMs: WHY_MS, path: () => why(text()) })),
    ...[
      ['failures', () => '/v1/failures?limit=50'],
      ['failures, deep', () => page('/v1/failures?limit=50', 'failures')],
      ['failures of a cause', () => `/v1/failures?limit=50&cause=${pick(['deadlock', 'lock_timeout', 'disk_full'])}`],
      ['failures of a cause, deep', () => page('/v1/failures?limit=50&cause=lock_timeout', 'cause')],
      [
        'failures of two filters',
        () => `/v1/failures?limit=50&cause=lock_timeout&operation=${pick(['atomic_write', 'snapshot_read'])}`,
      ],
      ['failures of an hour', () => spanOf('/v1/failures?limit=50', someMs(), 1)],
      ['failures of an hour and a cause', () => spanOf('/v1/failures?limit=50&cause=disk_full', someMs(), 1)],
      ['failures with a word', () => '/v1/failures?limit=50&q=deadlock'],
      ['failures with a word, deep', () => page('/v1/failures?limit=50&q=deadlock', 'words')],
      ['failures with a rare word', () => `/v1/failures?limit=50&q=shard${Math.floor(random() * 1000)}`],
      ['failures with an absent word', () => `/v1/failures?limit=50&q=${absent()}`],
      ['failures with a word of an hour', () => spanOf('/v1/failures?limit=50&q=error', someMs(), 1)],
      ['failures of an incident', () => `/v1/failures?limit=50&incident=n_${digits(random, 400)}`],
      [
        'failures of an incident, cause',
        () => `/v1/failures?limit=50&cause=lock_timeout&incident=n_${digits(random, 400)}`,
      ],
      ['failure', () => `/v1/failures/${failureIdOf(someFailure())}`],
      ['timeline', () => `/v1/failures/${failureIdOf(someFailure())}/timeline`],
      ['events', () => '/v1/events?limit=50'],
      ['events, deep', () => page('/v1/events?limit=50', 'events')],
      ['events of a kind', () => '/v1/events?limit=50&kind=denokv_error'],
      ['events with a text', () => `/v1/events?limit=50&q=${pick(['deadlock', 'timeout'])}`],
      ['events with an absent text', () => `/v1/events?limit=50&q=${absent()}`],
      ['events with an SQLSTATE', () => `/v1/events?limit=50&sqlstate=${pick(['40P01', '57014'])}`],
      ['issues', () => '/v1/issues?limit=50'],
      ['issues, deep', () => page('/v1/issues?limit=50', 'issues')],
      ['open issues of a cause', () => '/v1/issues?limit=50&state=open&cause=lock_timeout'],
      ['incidents', () => '/v1/incidents?limit=20'],
      ['incidents, deep', () => page('/v1/incidents?limit=20', 'incidents')],
      ['stats, an hour', () => '/v1/stats'],
      ['stats, six hours by the minute', () => spanOf('/v1/stats?bucket=1m', someMs(), 6)],
      ['stats, a day by the minute', () => spanOf('/v1/stats?bucket=1m', someMs(), 24)],
      ['stats, a week by the hour', () => '/v1/stats?since=7d&bucket=1h'],
      ['sources', () => '/v1/sources'],
      ['metrics', () => '/metrics'],
    ].map(([name, path]) => ({ group: 'list', name, wantedMs: LIST_MS, path })),
  ];
}

/** Cursors of the pages far down the list. */
async function deepCursors(ask, path) {
  const cursors = [];
  let cursor = null;
  for (let page = 0; page < DEEP_PAGES; page += 1) {
    cursor = (await ask(cursor === null ? path : `${path}&cursor=${cursor}`)).nextCursor;
    if (cursor === null) break;
    cursors.push(cursor);
  }
  return cursors.slice(-Math.ceil(cursors.length / 2));
}

function spanOf(path, ms, hours) {
  return `${path}&since=${new Date(ms).toISOString()}&until=${new Date(ms + hours * 3_600_000).toISOString()}`;
}

function digits(random, below) {
  return String(Math.floor(random() * below)).padStart(10, '0');
}
