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

interface TailFlags extends ConnectFlags {
  readonly cause?: string;
  readonly operation?: string;
  readonly sqlstate?: string;
  readonly certainty?: string;
  readonly lines?: number;
  readonly json?: boolean;
}

const RETRY_MS = 500;
const MAX_RETRY_MS = 10_000;

const EXAMPLES = `
Examples:
  whyd tail
  whyd tail --lines 10 --cause lock_timeout
  whyd tail --json | jq -r .cause.summary

Ctrl-C ends it. When the daemon goes away, tail waits for it and goes on where it was.
With --json one verdict a line.`;

export function registerTail(program: Command, parts: CliParts, knownCauses: KnownCauses): void {
  const command = program
    .command('tail')
    .addOption(causeOption())
    .addOption(new Option('--operation <name>', 'of this operation').choices(['atomic_write', 'snapshot_read']))
    .option('--sqlstate <code>', 'with this SQLSTATE', sqlstateOption)
    .addOption(new Option('--certainty <word>', 'this sure').choices(['certain', 'likely', 'possible', 'unknown']))
    .option('-n, --lines <count>', 'begin with so many of the past', countOption)
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
async function follow(client: Client, flags: TailFlags, signal: AbortSignal, parts: CliParts): Promise<void> {
  const state: { lastId: string | null; isConnected: boolean } = { lastId: null, isConnected: false };
  let retryMs = RETRY_MS;
  const isStopped = (): boolean => signal.aborted;
  while (!isStopped()) {
    try {
      const stream = await client.stream(state.lastId, signal);
      if (!state.isConnected) await printPast(client, flags, parts);
      else parts.terminal.err('whyd: connected again');
      state.isConnected = true;
      retryMs = RETRY_MS;
      for await (const message of readEventStream(stream)) {
        state.lastId = message.id ?? state.lastId;
        printMessage(message, flags, parts);
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

async function printPast(client: Client, flags: TailFlags, parts: CliParts): Promise<void> {
  if (flags.lines === undefined) return;
  const { cause, operation, sqlstate, certainty } = flags;
  const given = Object.entries({ cause, operation, sqlstate, certainty, limit: String(Math.min(500, flags.lines)) });
  const filter = Object.fromEntries(given.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
  const { items } = await client.failures(filter);
  for (const verdict of [...items].reverse()) printVerdict(verdict, flags, parts);
}

function printMessage({ event, data }: StreamMessage, flags: TailFlags, parts: CliParts): void {
  switch (event) {
    case 'failure':
    case 'verdict.revised': {
      const verdict = JSON.parse(data) as Verdict;
      if (isWanted(verdict, flags)) printVerdict(verdict, flags, parts, event !== 'failure');
      return;
    }
    case 'incident': {
      if (flags.json !== true) printIncident(JSON.parse(data) as IncidentRecord, parts);
      return;
    }
    case 'reset':
      parts.terminal.err('whyd: some failures were missed meanwhile; whyd failures lists them');
      return;
    default:
    // A later daemon may say more than this client knows.
  }
}

function isWanted({ cause, operation }: Verdict, flags: TailFlags): boolean {
  return (
    (flags.cause === undefined || flags.cause === cause.id) &&
    (flags.operation === undefined || flags.operation === operation) &&
    (flags.sqlstate === undefined || flags.sqlstate === cause.sqlstate) &&
    (flags.certainty === undefined || flags.certainty === cause.certainty)
  );
}

function printVerdict(verdict: Verdict, flags: TailFlags, { terminal, clock }: CliParts, isRevised = false): void {
  if (flags.json === true) {
    terminal.out(toJsonLine(verdict));
    return;
  }
  const { columns, style } = terminal;
  if (isRevised) terminal.err(`whyd: said anew, more is known now: ${escapeOnOneLine(verdict.id)}`);
  terminal.out(showLine(verdict, { columns, style, zone: clock().zone, withId: true }));
}

function printIncident(incident: IncidentRecord, { terminal, clock }: CliParts): void {
  const { columns, style } = terminal;
  const [head = '', ...reason] = showIncidentReason(incident, { columns, style, zone: clock().zone });
  terminal.err(`incident: ${head}`);
  for (const line of reason) terminal.err(line);
}
