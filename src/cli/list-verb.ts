import type { Command } from 'commander';
import type { Page } from '../domain.ts';
import { formatUtc } from '../time/rfc3339.ts';
import type { CliParts } from './cli-parts.ts';
import type { Query } from './client.ts';
import { addConnectOptions, type ConnectFlags } from './connect.ts';
import { toJsonLine } from './escape.ts';
import { describeZone } from './format.ts';
import { countOption, refuseReversed, timeOption, type GivenTime } from './option-values.ts';

/** The flags of every verb that lists. */
export interface ListFlags extends ConnectFlags {
  readonly since?: GivenTime;
  readonly until?: GivenTime;
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
  refuseReversed(flags);
  const given: readonly (readonly [string, Others[string]])[] = [
    ['since', flags.since === undefined ? undefined : formatUtc(flags.since.us)],
    ['until', flags.until === undefined ? undefined : formatUtc(flags.until.us)],
    ...Object.entries(others),
  ];
  return Object.fromEntries(
    given.flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)] as const])),
  );
}

export interface Listing<Item, Row = Item> {
  readonly fetch: (query: Query) => Promise<Page<Item>>;
  readonly query: Query;
  /** What the items of a page are shown as, where that is not one by one; pages come in order. */
  readonly toRows: (items: readonly Item[]) => readonly Row[];
  readonly show: (row: Row) => readonly string[];
  /** When the row was, for the offset of the zone; null where it has no time. */
  readonly at: (row: Row) => string | null;
  /** What to say where there is nothing, such as "No failures." */
  readonly none: string;
}

type Flags = Pick<ListFlags, 'limit' | 'json'>;

/** Prints page by page until the limit; says on stderr in which zone the times are, that there is nothing, or that there is more. */
export async function printList<Item, Row>(listing: Listing<Item, Row>, flags: Flags, parts: CliParts): Promise<void> {
  const { terminal } = parts;
  const { toRows, show, at, none } = listing;
  if (flags.json === true) return printJson(listing, flags, parts);
  let printed = 0;
  let newest: string | null = null;
  let hasMore = false;
  for await (const { items, isLast } of pages(listing, () => flags.limit - printed)) {
    const rows = toRows(items);
    const shown = rows.slice(0, flags.limit - printed);
    for (const row of shown) for (const line of show(row)) terminal.out(line);
    newest ??= shown.map(at).find((time) => time !== null) ?? null;
    printed += shown.length;
    hasMore = !isLast || shown.length < rows.length;
    if (printed >= flags.limit) break;
  }
  if (printed === 0) terminal.err(none);
  else if (newest !== null) tellZone(newest, parts);
  if (hasMore) terminal.err(`There are more: --limit ${String(flags.limit * 2)} shows further back.`);
}

/** In which zone the times are that were printed; the offset is the one of that time. */
export function tellZone(at: string | null, { terminal, clock }: CliParts): void {
  terminal.err(`Times are ${describeZone(at, clock().zone)}.`);
}

/** Items one a line, whole and not folded: what scripts read. */
async function printJson<Item, Row>(
  listing: Listing<Item, Row>,
  { limit }: Flags,
  { terminal }: CliParts,
): Promise<void> {
  let left = limit;
  for await (const { items } of pages(listing, () => left)) {
    for (const item of items) terminal.out(toJsonLine(item));
    left -= items.length;
    if (left < 1) return;
  }
}

interface FetchedPage<Item> {
  readonly items: readonly Item[];
  readonly isLast: boolean;
}

async function* pages<Item, Row>(
  { fetch, query }: Listing<Item, Row>,
  wanted: () => number,
): AsyncGenerator<FetchedPage<Item>> {
  let cursor: string | null = null;
  do {
    const limit = String(Math.min(PAGE_LIMIT, wanted()));
    const page: Page<Item> = await fetch({ ...query, limit, ...(cursor === null ? {} : { cursor }) });
    cursor = page.nextCursor;
    yield { items: page.items, isLast: cursor === null };
  } while (cursor !== null);
}
