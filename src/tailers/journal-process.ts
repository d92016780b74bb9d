import { execFile, spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';
import { BEFORE } from './journal-ledger.ts';
import { codeOf } from '../errors.ts';

const PROGRAM = 'journalctl';
const FIELDS =
  'MESSAGE,MESSAGE_ID,N_DROPPED,PRIORITY,SYSLOG_IDENTIFIER,SYSLOG_PID,_PID,_COMM,CONTAINER_NAME,_SYSTEMD_UNIT,_SYSTEMD_USER_UNIT,_SOURCE_REALTIME_TIMESTAMP';
const PROBE_TIMEOUT_MS = 10_000;
const STDERR_CHARS = 500;

export interface JournalStart {
  readonly unit: string;
  /** The entry after which to go on; null for the first start. */
  readonly cursor: string | null;
  /** For the first start: how far back, wall clock; null: to the beginning. */
  readonly sinceMs: number | null;
}

export interface JournalEnd {
  readonly reason: string;
  readonly hint: string;
}

/** One `journalctl --follow`. */
export class JournalProcess {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  #said = '';

  constructor(
    { unit, cursor, sinceMs }: JournalStart,
    onBytes: (bytes: Buffer) => void,
    onEnd: (end: JournalEnd) => void,
  ) {
    const from = startOption(cursor, sinceMs);
    const args = [
      `--unit=${unit}`,
      '--follow',
      '--no-tail',
      '--quiet',
      '--output=json',
      `--output-fields=${FIELDS}`,
      ...from,
    ];
    this.#child = spawn(PROGRAM, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child.stdout.on('data', onBytes);
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#said = `${this.#said}${text}`.slice(-STDERR_CHARS);
    });
    this.#child.once('error', (error) => {
      onEnd(describeStart(error));
    });
    this.#child.once('close', (code) => {
      onEnd({
        reason: `journalctl ended${code === null ? '' : ` with ${String(code)}`}${this.#said === '' ? '' : `: ${this.#said.trim()}`}`,
        hint: 'it is started again; let the account that runs whyd join the group systemd-journal',
      });
    });
  }

  /** Holds the child back through its pipe. */
  pause(): void {
    this.#child.stdout.pause();
  }

  resume(): void {
    this.#child.stdout.resume();
  }

  kill(): void {
    this.#child.stdout.removeAllListeners('data');
    this.#child.kill();
  }
}

function startOption(cursor: string | null, sinceMs: number | null): readonly string[] {
  if (cursor === null) return sinceMs === null ? [] : [`--since=@${String(Math.floor(sinceMs / 1000))}`];
  return [cursor.startsWith(BEFORE) ? `--cursor=${cursor.slice(BEFORE.length)}` : `--after-cursor=${cursor}`];
}

/** Whether the journal still has the entry of a cursor; true also when nobody can tell. */
export async function hasCursor(place: string): Promise<boolean> {
  const cursor = place.startsWith(BEFORE) ? place.slice(BEFORE.length) : place;
  return new Promise((resolve) => {
    const args = ['--quiet', '--output=json', '--lines=1', `--cursor=${cursor}`];
    execFile(PROGRAM, args, { timeout: PROBE_TIMEOUT_MS }, (error, stdout, stderr) => {
      if (stderr.includes('Failed to seek to cursor')) {
        resolve(false);
        return;
      }
      const found = /"__CURSOR"\s*:\s*"([^"]*)"/.exec(stdout)?.[1];
      resolve(error !== null || found === undefined || found === cursor);
    });
  });
}

function describeStart(error: Error): JournalEnd {
  const isMissing = codeOf(error) === 'ENOENT';
  return {
    reason: isMissing ? 'there is no journalctl on this host' : error.message,
    hint: isMissing
      ? 'name the log files with path: instead'
      : 'check that journalctl can be run by the account that runs whyd',
  };
}
