import { setTimeout as sleep } from 'node:timers/promises';
import { Option, type Command } from 'commander';
import type { IncidentRecord, Verdict } from '../../domain.ts';
import { EXIT, WhydError } from '../../errors.ts';
import { causeOption, checkCause, type KnownCauses } from '../cause-option.ts';
import type { CliParts } from '../cli-parts.ts';
import type { Client } from '../client.ts';
import { addConnectOptions, connect, type ConnectFlags } from '../connect.ts';
import { escapeOnOneLine, toJsonLine } from '../escape.ts';
import { readEventStream, type StreamMessage } from '../event-stream.ts';
import { countOption, sqlstateOption } from '../option-values.ts';
import { showIncidentReason } from '../show-incident.ts';
import { showLine } from '../show-line.ts';
import { onStopSignal } from '../stop-signal.ts';
import type { Terminal } from '../terminal.ts';
import { Told } from '../told.ts';

export interface TailFlags extends ConnectFlags {
  readonly cause?: string;
  readonly operation?: string;
  readonly sqlstate?: string;
  readonly certainty?: string;
  readonly lines?: number;
  readonly json?: boolean;
}

const RETRY_MS = 500;
const MAX_RETRY_MS = 10_000;
/** The API's own bound on a page. */
const MOST_OF_PAST = 500;

const EXAMPLES = `
Examples:
  whyd tail
  whyd tail --lines 10 --cause lock_timeout
  whyd tail --json | jq -r .cause.summary

Ctrl-C ends it. When the daemon goes away, tail waits for it and goes on where
it was.
With --json one verdict a line, and again when it changes or becomes final
(coverage.settled).`;

export function registerTail(program: Command, parts: CliParts, knownCauses: KnownCauses): void {
  const command = program
    .command('tail')
    .addOption(causeOption())
    .addOption(new Option('--operation <name>', 'of this operation').choices(['atomic_write', 'snapshot_read']))
    .option('--sqlstate <code>', 'with this SQLSTATE', sqlstateOption)
    .addOption(new Option('--certainty <word>', 'this sure').choices(['certain', 'likely', 'possible', 'unknown']))
    .option('-n, --lines <count>', 'begin with so many of the past, 500 at most', countOption)
    .option('--json', 'print JSON, one verdict a line');
  addConnectOptions(command)
    .addHelpText('after', EXAMPLES)
    .action(async (flags: TailFlags) => {
      await checkCause(flags.cause, knownCauses);
      const client = await connect(flags, parts);
      const stop = new AbortController();
      const release = onStopSignal(() => {
        stop.abort();
      });
      try {
        await follow(client, flags, stop.signal, parts);
      } finally {
        release();
      }
    });
}

/** Connects, and connects again when the stream breaks: only the first refusal is an error of this command. */
export async function follow(client: Client, flags: TailFlags, signal: AbortSignal, parts: CliParts): Promise<void> {
  const told = new Told();
  const startedAt = new Date(parts.clock().nowMs).toISOString();
  const state: { lastId: string | null; isConnected: boolean } = { lastId: null, isConnected: false };
  let retryMs = RETRY_MS;
  const isStopped = (): boolean => signal.aborted;
  const printMissed = async (): Promise<void> => {
    await printPast(client, { since: told.newestAt ?? startedAt, limit: MOST_OF_PAST }, flags, told, parts);
  };
  while (!isStopped()) {
    try {
      const stream = await client.stream(state.lastId, signal);
      if (state.isConnected) {
        parts.terminal.err('whyd: connected again');
        await printMissed();
      } else if (flags.lines !== undefined) {
        await printPast(client, { limit: Math.min(MOST_OF_PAST, flags.lines) }, flags, told, parts);
      }
      state.isConnected = true;
      retryMs = RETRY_MS;
      for await (const message of readEventStream(stream)) {
        state.lastId = message.id ?? state.lastId;
        if (message.event === 'reset') await printMissed();
        else printMessage(message, flags, told, parts);
      }
    } catch (error) {
      if (isStopped()) return;
      if (!state.isConnected || isFinal(error)) throw error;
    }
    if (isStopped()) return;
    if (retryMs === RETRY_MS) parts.terminal.err('whyd: the daemon went away; waiting for it');
    await sleep(retryMs, undefined, { signal }).catch(() => undefined);
    retryMs = Math.min(MAX_RETRY_MS, retryMs * 2);
  }
}

/** A refusal stays one however often it is asked for. */
function isFinal(error: unknown): boolean {
  return error instanceof WhydError && error.exitCode !== EXIT.unreachable;
}

/** Failures of the past, oldest first, but for those that were told. */
async function printPast(
  client: Client,
  { since, limit }: { readonly since?: string; readonly limit: number },
  flags: TailFlags,
  told: Told,
  parts: CliParts,
): Promise<void> {
  const { cause, operation, sqlstate, certainty } = flags;
  const given = Object.entries({ cause, operation, sqlstate, certainty, since, limit: String(limit) });
  const filter = Object.fromEntries(given.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
  const { items, nextCursor } = await client.failures(filter);
  if (since !== undefined && nextCursor !== null)
    parts.terminal.err(`whyd: more failures were missed meanwhile; whyd failures --since ${since} lists them`);
  for (const verdict of [...items].reverse()) printFailure(verdict, flags, told, parts);
}

function printMessage({ event, data }: StreamMessage, flags: TailFlags, told: Told, parts: CliParts): void {
  switch (event) {
    case 'failure':
      printFailure(JSON.parse(data) as Verdict, flags, told, parts);
      return;
    case 'verdict.revised':
      printRevised(JSON.parse(data) as Verdict, flags, told, parts);
      return;
    case 'incident': {
      const incident = JSON.parse(data) as IncidentRecord;
      if (flags.json !== true && told.isNews(incident)) printIncident(incident, parts);
      return;
    }
    default:
    // A later daemon may say more than this client knows.
  }
}

function printFailure(verdict: Verdict, flags: TailFlags, told: Told, { terminal, clock }: CliParts): void {
  const { id, at } = verdict;
  if (told.has(id)) return;
  const line = isWanted(verdict, flags) ? lineOf(verdict, flags, clock().zone, terminal) : null;
  told.keep(id, at, line);
  if (line !== null) terminal.out(line);
}

/** Most verdicts become final as they are: that is no news to a reader, but it is to a program. */
function printRevised(verdict: Verdict, flags: TailFlags, told: Told, { terminal, clock }: CliParts): void {
  const { id, at } = verdict;
  const before = told.lineOf(id);
  // Of what happened before this began nothing is told.
  if (!told.has(id) || !isWanted(verdict, flags)) return;
  const line = lineOf(verdict, flags, clock().zone, terminal);
  if (line === before) return;
  told.keep(id, at, line);
  if (before !== null && flags.json !== true)
    terminal.err(`whyd: said anew, more is known now: ${escapeOnOneLine(id)}`);
  terminal.out(line);
}

function isWanted({ cause, operation }: Verdict, flags: TailFlags): boolean {
  return (
    (flags.cause === undefined || flags.cause === cause.id) &&
    (flags.operation === undefined || flags.operation === operation) &&
    (flags.sqlstate === undefined || flags.sqlstate === cause.sqlstate) &&
    (flags.certainty === undefined || flags.certainty === cause.certainty)
  );
}

function lineOf(verdict: Verdict, { json }: TailFlags, zone: string, { columns, style }: Terminal): string {
  return json === true ? toJsonLine(verdict) : showLine(verdict, { columns, style, zone, withId: true });
}

function printIncident(incident: IncidentRecord, { terminal, clock }: CliParts): void {
  const { columns, style } = terminal;
  const [head = '', ...reason] = showIncidentReason(incident, { columns, style, zone: clock().zone });
  terminal.err(`incident: ${head}`);
  for (const line of reason) terminal.err(line);
}
