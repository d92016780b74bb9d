import type { Command } from 'commander';
import type { SourceStatus, WhyAnswer } from '../../domain.ts';
import { assertNever, EXIT } from '../../errors.ts';
import type { CliParts } from '../cli-parts.ts';
import { addConnectOptions, connect, type ConnectFlags } from '../connect.ts';
import { escapeOnOneLine, toJsonLine } from '../escape.ts';
import { formatCount, formatSpan, formatTime } from '../format.ts';
import { showLine } from '../show-line.ts';
import { showVerdict } from '../show-verdict.ts';

interface WhyFlags extends ConnectFlags {
  readonly json?: boolean;
  readonly full?: boolean;
}

const EXAMPLES = `
WHAT is one of:
  last              the newest failure
  f_01hx            a failure's id, or its beginning
  14:03:12, 15m, 2026-11-23T10:22:05Z
                    a time: clock times and times without a zone are local, 15m means so long ago
  40P01             an SQLSTATE
  deadlock          a cause
  atomic_write      an operation
  "kv_store"        a piece of the error's text

Examples:
  whyd why last
  whyd why 14:03:12 --full
  whyd why "duplicate key" --json

Exit code: 0 one match, 3 no match, 4 several match (they are listed), 5 no daemon, 6 denied.
With --json one line: the answer of GET /v1/why.`;

export function registerWhy(program: Command, parts: CliParts): void {
  const command = program
    .command('why')
    .argument('<what>', 'a failure id, a time, last, an SQLSTATE, a cause, an operation or a piece of text')
    .option('--full', 'all evidence and remedies')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', EXAMPLES);
  addConnectOptions(command).action(async (what: string, flags: WhyFlags) => {
    const client = await connect(flags, parts);
    const answer = await client.why(what);
    if (flags.json === true) parts.terminal.out(toJsonLine(answer));
    else printAnswer(answer, flags.full === true, parts);
    setOutcome(answer, parts);
  });
}

function setOutcome({ result }: WhyAnswer, { setExitCode }: CliParts): void {
  if (result === 'no_match') setExitCode(EXIT.noMatch);
  if (result === 'ambiguous') setExitCode(EXIT.ambiguous);
}

function printAnswer(answer: WhyAnswer, full: boolean, parts: CliParts): void {
  switch (answer.result) {
    case 'match':
      printMatch(answer, full, parts);
      return;
    case 'ambiguous':
      printCandidates(answer, parts);
      return;
    case 'no_match':
      printNoMatch(answer, parts);
      return;
    default:
      assertNever(answer.result);
  }
}

function printMatch({ matches: [match] }: WhyAnswer, full: boolean, { terminal, clock }: CliParts): void {
  if (match === undefined) return;
  const away = match.distanceMs ?? 0;
  if (away > 0) terminal.err(`The nearest failure, ${formatSpan(away)} away:`);
  const { columns, style } = terminal;
  for (const line of showVerdict(match.verdict, { columns, style, zone: clock().zone, full })) terminal.out(line);
}

function printCandidates({ query, total, matches }: WhyAnswer, { terminal, clock }: CliParts): void {
  const { columns, style } = terminal;
  const shown = total > matches.length ? `, the first ${String(matches.length)}` : '';
  const how = matches[0] === undefined ? '' : ` (by ${matches[0].how})`;
  terminal.err(`${formatCount(total, 'failure')} match "${escapeOnOneLine(query)}"${how}${shown}:`);
  for (const { verdict } of matches) {
    terminal.out(showLine(verdict, { columns, style, zone: clock().zone, withId: true }));
  }
  terminal.err('Ask for one of them by its id.');
}

function printNoMatch({ query, sources }: WhyAnswer, { terminal, clock }: CliParts): void {
  terminal.err(`whyd: no failure matches "${escapeOnOneLine(query)}"`);
  if (sources.length === 0) terminal.err('No log is being read, so there may well have been one.');
  for (const source of sources) terminal.err(describeReading(source, clock().zone));
}

function describeReading({ kind, path, state, lagBytes, newestAt, gaps }: SourceStatus, zone: string): string {
  const newest = newestAt === null ? 'nothing read yet' : `read up to ${formatTime(newestAt, 'second', zone)}`;
  const lag = lagBytes > 0 ? `, ${String(lagBytes)} bytes behind` : '';
  const lost = gaps > 0 ? `, ${formatCount(gaps, 'gap')}` : '';
  return `  ${kind}  ${escapeOnOneLine(path)}: ${state}, ${newest}${lag}${lost}`;
}
