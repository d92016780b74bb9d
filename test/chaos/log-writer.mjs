// Writes a denokv log and the Postgres log behind it, with numbered errors, at real times, and rotates both: denokv's by renaming, Postgres'
// by copytruncate. Ends by itself. Arguments: folder, errors, seed, pause in milliseconds.
import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readdirSync,
  renameSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const [folder, errorCount, seed, pauseMs] = process.argv.slice(2);
let state = Number(seed) || 1;

/** xorshift32: the same seed writes the same logs. */
function random(below) {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % below;
}

const denokv = join(folder, 'denokv.log');
const postgres = join(folder, 'postgresql.log');
let denokvFile = openSync(denokv, 'a');
const postgresFile = openSync(postgres, 'a');

/** In two pieces now and then, so that a reader sees half a line. */
async function write(descriptor, text) {
  const bytes = Buffer.from(text);
  const cut = random(4) === 0 ? random(bytes.length) : bytes.length;
  writeSync(descriptor, bytes.subarray(0, cut));
  if (cut < bytes.length) await sleep(random(20));
  writeSync(descriptor, bytes.subarray(cut));
}

/** `.1` becomes `.2`, and so on; nothing is deleted. */
function shift(path) {
  const name = path.slice(folder.length + 1);
  const numbers = readdirSync(folder).flatMap((one) => {
    const number = one.startsWith(`${name}.`) ? Number(one.slice(name.length + 1)) : Number.NaN;
    return Number.isInteger(number) ? [number] : [];
  });
  for (const number of numbers.sort((a, b) => b - a)) renameSync(`${path}.${number}`, `${path}.${number + 1}`);
}

function rotateDenokv() {
  shift(denokv);
  if (existsSync(denokv)) renameSync(denokv, `${denokv}.1`);
  closeSync(denokvFile);
  denokvFile = openSync(denokv, 'a');
}

function rotatePostgres() {
  shift(postgres);
  copyFileSync(postgres, `${postgres}.1`);
  truncateSync(postgres);
}

const seconds = () => new Date().toISOString().slice(0, 19);
const prefix = (pid, who) => `${new Date().toISOString().replace('T', ' ').slice(0, 23)} UTC [${pid}] ${who} `;

await write(
  denokvFile,
  `[${seconds()}Z INFO  denokv] Opened PostgreSQL database at postgresql://denokv@127.0.0.1:5432/kv?application_name=denokv\n` +
    `[${seconds()}Z INFO  denokv] Listening on http://127.0.0.1:4512\n`,
);
for (let number = 0; number < Number(errorCount); number += 1) {
  const pid = 1000 + random(8);
  for (let noise = random(4); noise > 0; noise -= 1) {
    await write(postgresFile, `${prefix(pid, 'denokv@kv')}LOG:  statement: SELECT ${number}\n`);
  }
  const message = `duplicate key value violates unique constraint "c${number}"`;
  const detail = `Key (key)=(${number}) already exists.`;
  await write(
    postgresFile,
    `${prefix(pid, 'denokv@kv')}ERROR:  ${message}\n${prefix(pid, 'denokv@kv')}DETAIL:  ${detail}\n` +
      `${prefix(pid, 'denokv@kv')}STATEMENT:  INSERT INTO kv_store (key, value)\n\tVALUES ($1, $2)\n`,
  );
  if (random(5) === 0)
    await write(
      postgresFile,
      `${prefix(2000, 'web@shop')}ERROR:  relation "orders_${number}" does not exist at character 15\n`,
    );
  const text = `Database error: db error: ERROR: ${message}\n    DETAIL: ${detail}\n`;
  const time = seconds();
  await write(
    denokvFile,
    `[${time}Z ERROR denokv] atomic_write failed: ${text}[${time}Z ERROR denokv] Database error: ${text}`,
  );
  if (random(40) === 0) rotateDenokv();
  if (random(40) === 0) rotatePostgres();
  await sleep(random(2 * Number(pauseMs)));
}
