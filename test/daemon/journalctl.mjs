#!/usr/bin/env node
// Stands in for journalctl: speaks `-o json` over the file that WHYD_TEST_JOURNAL names, one entry a line. The options are the real ones'.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const options = new Map(
  process.argv.slice(2).map((one) => /^--([\w-]+)(?:=([\s\S]*))?$/.exec(one)?.slice(1, 3) ?? [one, '']),
);
const known = [
  'unit',
  'follow',
  'no-tail',
  'quiet',
  'output',
  'output-fields',
  'after-cursor',
  'cursor',
  'since',
  'lines',
];
const stranger = [...options.keys()].find((name) => !known.includes(name));
if (stranger !== undefined) {
  process.stderr.write(`journalctl: unrecognized option '${stranger}'\n`);
  process.exit(1);
}

function entries() {
  const lines = readFileSync(process.env.WHYD_TEST_JOURNAL, 'utf8').split('\n');
  return lines.slice(0, -1).map((line) => ({ line, fields: JSON.parse(line) }));
}

const number = (cursor) => Number.parseInt(/i=([0-9a-f]+)/.exec(cursor)?.[1] ?? '0', 16);
const isWanted = ({ fields }) =>
  options.get('unit') === undefined ||
  fields._SYSTEMD_UNIT === options.get('unit') ||
  fields.OBJECT_SYSTEMD_UNIT === options.get('unit') ||
  fields.UNIT === options.get('unit');

if (options.has('cursor') && !options.has('follow')) {
  const found = entries().find(({ fields }) => number(fields.__CURSOR) >= number(options.get('cursor')));
  if (found !== undefined) console.log(found.line);
  process.exit(0);
}

if (!options.has('follow')) {
  const wanted = entries().filter(isWanted);
  for (const { line } of wanted.slice(-Number(options.get('lines') ?? wanted.length))) console.log(line);
  process.exit(0);
}

let last = options.has('after-cursor')
  ? number(options.get('after-cursor'))
  : options.has('cursor')
    ? number(options.get('cursor')) - 1
    : 0;
const sinceUs = Number((options.get('since') ?? '@0').slice(1)) * 1e6;
for (;;) {
  for (const entry of entries()) {
    if (number(entry.fields.__CURSOR) <= last) continue;
    last = number(entry.fields.__CURSOR);
    if (isWanted(entry) && Number(entry.fields.__REALTIME_TIMESTAMP) >= sinceUs)
      process.stdout.write(`${entry.line}\n`);
  }
  if (process.env.WHYD_TEST_JOURNAL_END === '1') process.exit(3);
  await sleep(10);
}
