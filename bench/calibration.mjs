// What whyd said against what was right, over labelled captures: fixtures/logs by default, or the folders given. A folder holds the logs and
// golden.jsonl, or truth.jsonl (one row for each 500 as a recorded run has it), or other such folders.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { analyze } from '../dist/analyze.js';

const EDGES = [0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.99, 1.0001];
const LABELS = ['golden.jsonl', 'truth.jsonl'];
const BUNDLED = fileURLToPath(new URL('../fixtures/logs', import.meta.url));
const SETTINGS = { timezone: null, linePrefix: null, sinceUs: null, untilUs: null };

/** Prints one reliability table for the causes and one for the lines. */
export async function runCalibration(folders = [BUNDLED]) {
  const causes = [];
  const lines = [];
  for (const folder of folders.flatMap(labelled)) await collect(folder, causes, lines);
  printTable('causes', causes);
  printTable('lines', lines);
}

async function collect(folder, causes, lines) {
  const logs = readdirSync(folder).filter((name) => !LABELS.includes(name) && name !== 'about.json');
  const rows = readFileSync(labelsOf(folder), 'utf8').trim().split('\n');
  const golden = new Map(rows.map((row) => asGolden(JSON.parse(row))).map((row) => [placeOf(row.symptom), row]));
  const { verdicts } = await analyze(
    logs.map((name) => join(folder, name)),
    SETTINGS,
  );
  for (const { symptom, cause, postgres } of verdicts) {
    const row = golden.get(placeOf(symptom));
    if (row === undefined) continue;
    causes.push([cause.confidence, row.cause === cause.id || (row.accept ?? []).includes(cause.id)]);
    if (postgres === null) continue;
    const place = placeOf(postgres);
    lines.push([postgres.confidence, place === placeOf(row.postgres) || place === placeOf(row.postgresAccept)]);
  }
}

function printTable(title, answers) {
  console.log(`${title}: ${answers.length} answers`);
  console.log('  said          answers  mean said  right');
  for (let i = 0; i + 1 < EDGES.length; i++) {
    const bin = answers.filter(([said]) => said >= EDGES[i] && said < EDGES[i + 1]);
    if (bin.length === 0) continue;
    const range = `${EDGES[i].toFixed(2)} - ${Math.min(1, EDGES[i + 1]).toFixed(2)}`;
    console.log(`  ${range}  ${String(bin.length).padStart(9)}  ${mean(bin, 0).padStart(9)}  ${mean(bin, 1)}`);
  }
}

function mean(bin, column) {
  return (bin.reduce((sum, answer) => sum + Number(answer[column]), 0) / bin.length).toFixed(3);
}

function placeOf(place) {
  return place ? `${place.file}:${place.line}` : null;
}

/** A recorded run's own row, in the words of golden.jsonl. */
function asGolden({ denokv, postgres_accept: postgresAccept, ...row }) {
  return denokv === undefined ? row : { ...row, symptom: denokv, postgresAccept };
}

function labelsOf(folder) {
  return LABELS.map((name) => join(folder, name)).find(existsSync);
}

/** The folder itself, or those in it that hold labels. */
function labelled(folder) {
  if (labelsOf(folder) !== undefined) return [folder];
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((path) => labelsOf(path) !== undefined);
}

if (basename(process.argv[1] ?? '') === 'calibration.mjs') {
  const folders = process.argv.slice(2);
  await runCalibration(folders.length === 0 ? undefined : folders);
}
