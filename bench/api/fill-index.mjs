/**
 * An index of the size that is wanted, written by the daemon's own writer. Its events and verdicts are those of bundled captures, made anew with other
 * times, places, keys and objects: so their lengths, words and causes are real ones.
 */
import { pathToFileURL } from 'node:url';
import { readdirSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { randomFrom } from '../parse/random.mjs';

const CAPTURES = ['storm-15', 'stderr-15', 'csvlog-16'];
const SETTINGS = { timezone: null, linePrefix: null, sinceUs: null, untilUs: null };
const BATCH = 20_000;
export const DAYS = 7;
/** One event in ten is a failure's line and the next one its Postgres entry. */
export const EVENTS_PER_FAILURE = 10;
const INCIDENTS = 400;
const OBJECTS = 40;
const BYTES_PER_EVENT = 400;

/** @returns what questions can be asked of it: ids, times, request ids and words that are there */
export async function fillIndex(root, path, { events, nowMs }) {
  const load = (name) => import(pathToFileURL(join(root, 'dist', name)).href);
  const { openIndex } = await load('store/open-index.js');
  const { issueSeedOf } = await load('correlate/issue-seed.js');
  const samples = await samplesOf(root, load);
  const index = openIndex(path, { seedOf: issueSeedOf });
  const files = Object.fromEntries(
    ['denokv', 'postgres'].map((kind, number) => {
      const identity = { dev: '1', ino: String(number + 1), birthtimeNs: '1' };
      return [kind, index.openFile({ kind, path: `/old/${kind}.log`, identity, generation: 0 }, nowMs)];
    }),
  );
  const stepUs = Math.floor((DAYS * 86_400_000_000) / events);
  const firstUs = nowMs * 1000 - events * stepUs;
  const random = randomFrom(7);
  const incidents = incidentsOver(firstUs, nowMs * 1000, files.postgres);
  for (let from = 0; from < events; from += BATCH) {
    const batch = [];
    const verdicts = [];
    const positions = new Map();
    const incidentOf = new Map();
    for (let at = from; at < Math.min(events, from + BATCH); at += 1) {
      const us = firstUs + at * stepUs;
      const turn = at % EVENTS_PER_FAILURE;
      const number = Math.floor(at / EVENTS_PER_FAILURE);
      // Most failures are of a few kinds, as in the field: squared, the low ones come often.
      const sample = samples.failures[Math.floor(random() ** 2 * samples.failures.length)];
      if (turn === 0) {
        const verdict = verdictOf(sample, number, at, us, stepUs);
        verdicts.push(verdict);
        positions.set(verdict.id, { fileId: files.denokv, byteStart: at * BYTES_PER_EVENT });
        const incident = incidents[Math.floor(number / Math.ceil(events / EVENTS_PER_FAILURE / INCIDENTS))];
        if (incident !== undefined && us >= incident.startUs && us < incident.endUs)
          incidentOf.set(verdict.id, incident.id);
      }
      const kind = turn === 0 ? 'denokv' : 'postgres';
      const model =
        turn === 0 ? samples.denokv[at % samples.denokv.length] : samples.postgres[at % samples.postgres.length];
      batch.push(eventOf(model, kind, files[kind], at, us));
    }
    index.transaction(() => {
      index.commit({ events: batch, checkpoints: [] });
      index.saveRound({ verdicts, positions, incidents: from === 0 ? incidents : [], incidentOf }, nowMs);
    });
  }
  index.close();
}

/** Verdicts and events of the captures, as the real joiner and the real parsers make them. */
async function samplesOf(root, load) {
  const { analyze } = await load('analyze.js');
  const { parseLogs } = await load('parse.js');
  const failures = [];
  const events = [];
  for (const capture of CAPTURES) {
    const folder = join(root, 'fixtures', 'logs', capture);
    const paths = readdirSync(folder)
      .filter((name) => /\.(?:log|csv)$/.test(name))
      .map((name) => join(folder, name));
    failures.push(...(await analyze(paths, SETTINGS)).verdicts);
    await parseLogs(paths, {
      ...SETTINGS,
      keepStatements: false,
      onEvents: (some) => events.push(...some),
      whenReady: () => Promise.resolve(),
    });
  }
  return {
    failures,
    denokv: events.filter(({ kind }) => kind === 'denokv_error'),
    postgres: events.filter(({ kind }) => kind === 'postgres_error' || kind === 'postgres_context'),
  };
}

function eventOf(model, kind, fileId, at, us) {
  const anew = (text) => (text === null || text === undefined ? text : withOther(text, at));
  const byteStart = at * BYTES_PER_EVENT;
  const citation = {
    ...model.citation,
    fileId,
    file: `${kind}.log`,
    line: at * 3 + 1,
    byteStart,
    byteEnd: byteStart + BYTES_PER_EVENT - 1,
  };
  const event = { ...model, at: { us, precision: 'millisecond' }, citation };
  if (kind === 'denokv') return { ...event, text: anew(model.text) };
  return { ...event, pid: 1000 + (at % 500), message: anew(model.message), detail: anew(model.detail) };
}

function verdictOf(sample, number, at, us, stepUs) {
  const time = new Date(Math.floor(us / 1000)).toISOString();
  const object = number % OBJECTS;
  const place = (of) => ({
    line: of * 3 + 1,
    byteStart: of * BYTES_PER_EVENT,
    byteEnd: (of + 1) * BYTES_PER_EVENT - 1,
  });
  return {
    ...sample,
    id: failureIdOf(number),
    at: time,
    atPrecision: 'millisecond',
    requestId: number % 3 === 0 ? requestIdOf(number) : null,
    symptom: { ...sample.symptom, file: 'denokv.log', ...place(at), text: wordsOf(sample.symptom.text, number) },
    postgres:
      sample.postgres === null
        ? null
        : {
            ...sample.postgres,
            file: 'postgres.log',
            ...place(at + 1),
            pid: 1000 + (at % 500),
            at: new Date(Math.floor((us + stepUs) / 1000)).toISOString(),
            text: withOther(sample.postgres.text, number),
          },
    coverage: { ...sample.coverage, settled: true },
    issue: `i_${sample.issue.slice(2, 11)}${String(object).padStart(3, '0')}`,
  };
}

/** Numbers and keys are what differs between failures of one kind. */
function withOther(text, number) {
  return text.replace(/\d{3,}/g, String(1000 + (number % 100_000))).replace(/\\x[0-9a-f]{8,}/g, () => keyOf(number));
}

function wordsOf(text, number) {
  return `${withOther(text, number)}\n    DETAIL: Key (key)=(${keyOf(number)}) of shard${number % 1000} already exists.`;
}

/** A KV key as Postgres prints bytea: ["users", "u<number>"]. */
function keyOf(number) {
  const part = (text) => `02${Buffer.from(text).toString('hex')}00`;
  return `\\x${part('users')}${part(`u${number}`)}`;
}

export function failureIdOf(number) {
  return `f_${String(number).padStart(9, '0')}${createHash('sha256').update(String(number)).digest('hex').slice(0, 12)}`;
}

export function requestIdOf(number) {
  return `req-${createHash('sha256').update(`r${number}`).digest('hex').slice(0, 24)}`;
}

function incidentsOver(fromUs, toUs, fileId) {
  const stepUs = (toUs - fromUs) / INCIDENTS;
  return Array.from({ length: INCIDENTS }, (_, number) => {
    const startUs = Math.round(fromUs + number * stepUs);
    const cause = number % 2 === 0 ? 'server_crash' : 'disk_full';
    return {
      id: `n_${String(number).padStart(10, '0')}`,
      cause,
      category: number % 2 === 0 ? 'connection' : 'resource',
      startUs,
      endUs: Math.round(startUs + stepUs * 0.4),
      summary: `Postgres was away (${number})`,
      opening: { fileId, file: 'postgres.log', line: 1 + number, lines: 1, byteStart: number, byteEnd: number + 1 },
      text: 'LOG:  server process (PID 1) was terminated by signal 9: Killed',
      failures: 0,
      share: 0,
      evidence: [{ rule: 'window', weight: 3, says: 'these failures began when it was gone' }],
    };
  });
}
