import { Option, type Command } from 'commander';
import type { Verdict } from '../../domain.ts';
import { formatUtc } from '../../time/rfc3339.ts';
import type { CliParts } from '../cli-parts.ts';
import type { Client } from '../client.ts';
import { addConnectOptions, connect, type ConnectFlags } from '../connect.ts';
import { toJsonLine } from '../escape.ts';
import { countOption, timeOption } from '../option-values.ts';
import { showLine } from '../show-line.ts';

interface FailuresFlags extends ConnectFlags {
  readonly since?: number;
  readonly until?: number;
  readonly cause?: string;
  readonly operation?: string;
  readonly sqlstate?: string;
  readonly certainty?: string;
  readonly text?: string;
  readonly limit: number;
  readonly json?: boolean;
}

const DEFAULT_LIMIT = 50;
const PAGE_LIMIT = 500;

const EXAMPLES = `
Examples:
  whyd failures --since 1h
  whyd failures --cause deadlock --since 09:00 --until 10:00
  whyd failures --certainty unknown --limit 500 --json

With --json one verdict a line.`;

export function registerFailures(program: Command, parts: CliParts): void {
  const readTime = timeOption(parts.clock);
  const command = program
    .command('failures')
    .option('--since <time>', 'from this time on', readTime)
    .option('--until <time>', 'before this time', readTime)
    .option('--cause <id>', 'of this cause')
    .addOption(new Option('--operation <name>', 'of this operation').choices(['atomic_write', 'snapshot_read']))
    .option('--sqlstate <code>', 'with this SQLSTATE')
    .addOption(new Option('--certainty <word>', 'this sure').choices(['certain', 'likely', 'possible', 'unknown']))
    .option('--text <piece>', 'whose text holds this, case ignored')
    .option('--limit <count>', 'at most so many', countOption, DEFAULT_LIMIT)
    .option('--json', 'print JSON, one verdict a line')
    .addHelpText('after', EXAMPLES);
  addConnectOptions(command).action(async (flags: FailuresFlags) => {
    const { terminal, clock } = parts;
    const { columns, style } = terminal;
    const zone = clock().zone;
    const print = (verdict: Verdict): void => {
      terminal.out(
        flags.json === true ? toJsonLine(verdict) : showLine(verdict, { columns, style, zone, withId: true }),
      );
    };
    const { printed, isMore } = await printPages(await connect(flags, parts), flags, print);
    if (flags.json === true) return;
    if (printed === 0) terminal.err('No failures.');
    if (isMore) terminal.err(`There are more: --limit ${String(flags.limit * 2)} shows further back.`);
  });
}

async function printPages(
  client: Client,
  flags: FailuresFlags,
  print: (verdict: Verdict) => void,
): Promise<{ readonly printed: number; readonly isMore: boolean }> {
  const filter = toFilter(flags);
  let printed = 0;
  let cursor: string | null = null;
  do {
    const limit = String(Math.min(PAGE_LIMIT, flags.limit - printed));
    const page = await client.failures({ ...filter, limit, ...(cursor === null ? {} : { cursor }) });
    for (const verdict of page.items) print(verdict);
    printed += page.items.length;
    cursor = page.nextCursor;
  } while (cursor !== null && printed < flags.limit);
  return { printed, isMore: cursor !== null };
}

/** Times go out as UTC, so that they mean what they meant here whatever the daemon's zone. */
function toFilter({
  since,
  until,
  cause,
  operation,
  sqlstate,
  certainty,
  text,
}: FailuresFlags): Record<string, string> {
  const given: readonly (readonly [string, string | undefined])[] = [
    ['since', since === undefined ? undefined : formatUtc(since)],
    ['until', until === undefined ? undefined : formatUtc(until)],
    ['cause', cause],
    ['operation', operation],
    ['sqlstate', sqlstate],
    ['certainty', certainty],
    ['q', text],
  ];
  return Object.fromEntries(given.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
}
