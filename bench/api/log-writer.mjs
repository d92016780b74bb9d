/** Writes both logs at a steady rate until it is killed, in a process of its own. Arguments: denokv's log, Postgres' log, events a second. */
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const [denokv, postgres, rate] = process.argv.slice(2);
const TURN_MS = 20;
/** One event in a hundred is a failure, and its Postgres entry another: the rest is what other applications do wrong. */
const EVENTS_PER_FAILURE = 100;

const stamp = () => new Date().toISOString().replace('T', ' ').slice(0, 23);
const entry = (pid, who, message, detail, statement) => {
  const head = `${stamp()} UTC [${pid}] ${who} `;
  const more = detail === null ? '' : `${head}DETAIL:  ${detail}\n`;
  return `${head}ERROR:  ${message}\n${more}${head}STATEMENT:  ${statement}\n`;
};
const failure = (number) => {
  const message = `duplicate key value violates unique constraint "c${number % 50}"`;
  const detail = `Key (key)=(${number}) already exists.`;
  const head = `[${new Date().toISOString().slice(0, 19)}Z ERROR denokv] `;
  const text = `Database error: db error: ERROR: ${message}\n    DETAIL: ${detail}\n`;
  return {
    symptom: `${head}atomic_write failed: ${text}${head}Database error: ${text}`,
    entry: entry(2000, 'denokv@kv', message, detail, 'INSERT INTO kv_store (key, value) VALUES ($1, $2)'),
  };
};
const other = (number) =>
  entry(
    3000 + (number % 40),
    'billing@shop',
    `insert or update on table "orders" violates foreign key constraint "f${number % 20}"`,
    `Key (customer)=(${number}) is not present in table "customers".`,
    'INSERT INTO orders (customer) VALUES ($1)',
  );

const startedMs = performance.now();
let written = 0;
for (let turn = 1; ; turn += 1) {
  const due = Math.floor((turn * TURN_MS * Number(rate)) / 1000);
  let symptoms = '';
  let entries = '';
  while (written < due) {
    if (written % EVENTS_PER_FAILURE === 0) {
      const one = failure(written);
      symptoms += one.symptom;
      entries += one.entry;
      written += 2;
    } else {
      entries += other(written);
      written += 1;
    }
  }
  if (symptoms !== '') appendFileSync(denokv, symptoms);
  appendFileSync(postgres, entries);
  await sleep(Math.max(0, startedMs + turn * TURN_MS - performance.now()));
}
