import type { Command } from 'commander';
import type { Page } from '../domain.ts';
import { formatUtc } from '../time/rfc3339.ts';
import type { CliParts } from './cli-parts.ts';
import type { Query } from './client.ts';
import { addConnectOptions, type ConnectFlags } from './connect.ts';
import { toJsonLine } from './escape.ts';
import { countOption, timeOption } from './option-values.ts';

/** The flags of every verb that lists. */
export interface ListFlags extends ConnectFlags {
  readonly since?: number;
  readonly until?: number;
  readonly limit: number;
  readonly json?: boolean;
}

const DEFAULT_LIMIT = 50;
/** What the API gives at once. */
const PAGE_LIMIT = 500;

export function addTimeOptions(command: Command, { clock }: CliParts): Command {
  const readTime = timeOption(clock);
  return command
    .option('--since <time>', 'from this time on', readTime)
    .option('--until <time>', 'before this time', readTime);
}

export function addListOptions(command: Command): Command {
  command
    .option('--limit <count>', 'at most so many', countOption, DEFAULT_LIMIT)
    .option('--json', 'print JSON, one a line');
  return addConnectOptions(command);
}

type Others = Readonly<Record<string, string | number | boolean | undefined>>;

/** Times go out as UTC, so that they mean what they meant here whatever the daemon's zone. */
export function toQuery(flags: Pick<ListFlags, 'since' | 'until'>, others: Others): Query {
  const given: readonly (readonly [string, Others[string]])[] = [
    ['since', flags.since === undefined ? undefined : formatUtc(flags.since)],
    ['until', flags.until === undefined ? undefined : formatUtc(flags.until)],
    ...Object.entries(others),
  ];
  return Object.fromEntries(
    given.flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)] as const])),
  );
}

export interface Listing<Item> {
  readonly fetch: (query: Query) => Promise<Page<Item>>;
  readonly query: Query;
  readonly show: (item: Item) => readonly string[];
  /** What to say where there is nothing, such as "No failures." */
  readonly none: string;
}

/** Prints page by page until the limit; says on stderr that there is nothing, or that there is more. */
export async function printList<Item>(
  { fetch, query, show, none }: Listing<Item>,
  { limit, json }: Pick<ListFlags, 'limit' | 'json'>,
  { terminal }: CliParts,
): Promise<void> {
  let printed = 0;
  let cursor: string | null = null;
  do {
    const pageLimit = String(Math.min(PAGE_LIMIT, limit - printed));
    const page: Page<Item> = await fetch({ ...query, limit: pageLimit, ...(cursor === null ? {} : { cursor }) });
    for (const item of page.items)
      for (const line of json === true ? [toJsonLine(item)] : show(item)) terminal.out(line);
    printed += page.items.length;
    cursor = page.nextCursor;
  } while (cursor !== null && printed < limit);
  if (json === true) return;
  if (printed === 0) terminal.err(none);
  if (cursor !== null) terminal.err(`There are more: --limit ${String(limit * 2)} shows further back.`);
}
