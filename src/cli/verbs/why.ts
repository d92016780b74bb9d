import { InvalidArgumentError, type Command } from 'commander';
import { COUNTED_UP_TO } from '../../counted-up-to.ts';
import type { Verdict, WhyAnswer } from '../../domain.ts';
import { assertNever, EXIT } from '../../errors.ts';
import { toAbsoluteTime } from '../../time/absolute-time.ts';
import { parseMoment } from '../../time/parse-time.ts';
import { formatUtc } from '../../time/rfc3339.ts';
import type { KnownCauses } from '../cause-option.ts';
import type { CliParts } from '../cli-parts.ts';
import type { Client } from '../client.ts';
import { addConnectOptions, connect, type ConnectFlags } from '../connect.ts';
import { escapeOnOneLine, toJsonLine } from '../escape.ts';
import { findIncident } from '../find-incident.ts';
import { describeZone, formatOffset, formatSpan, formatTime } from '../format.ts';
import { spanOption } from '../option-values.ts';
import { showCandidates } from '../show-candidates.ts';
import { showCoverage } from '../show-coverage.ts';
import { showCycle } from '../show-cycle.ts';
import { showDropped } from '../show-dropped.ts';
import { showTimeline } from '../show-timeline.ts';
import { SCREEN_LINES, screenWidth, showVerdict } from '../show-verdict.ts';
import { tellNoMatch } from '../tell-no-match.ts';
import { fitWidth } from '../text-width.ts';

interface WhyFlags extends ConnectFlags {
  readonly json?: boolean;
  readonly full?: boolean;
  readonly window: string;
}

/** The candidates are what was asked for, and are to stay on the screen. */
const NOTES_BESIDE_CANDIDATES = 2;
/** The heading, and the zone of the times. */
const LINES_BESIDE_CANDIDATES = 2;
const LEAST_PER_CANDIDATE = 2;
const LEAST_OF_QUESTION = 12;

const EXAMPLES = `
WHAT is one of:
  last                the newest failure
  f_01hx              a failure's id, or its beginning
  7c1e0f9a3b          a request's or a trace's id, where a proxy log has it
  14:03:12, 15m, 2026-11-23T10:22:05Z
                      a time: clock times and times without a zone are local,
                      15m means so long ago
  i_rj48wqjrnxyn      an issue's or an incident's (n_...) id, whole
  '["users","alice"]' a key of Deno KV as JSON
  40P01               an SQLSTATE
  deadlock            a cause
  atomic_write        an operation
  "kv_store"          words of the error's text

Examples:
  whyd why last
  whyd why 14:03:12 --full
  whyd why "duplicate key" --json

Exit code: 0 one match, or a request that got no answer at all, 3 no match,
4 several match (they are listed), 5 no daemon, 6 denied.
With --json one line: the answer of GET /v1/why.`;

export function registerWhy(program: Command, parts: CliParts, knownCauses: KnownCauses): void {
  const command = program
    .command('why')
    .argument(
      '<what>',
      'a failure, request or trace id, a time, last, a key, an SQLSTATE, a cause or words of the text',
      readQuestion,
    )
    .option('--full', 'all evidence and remedies, the cycle of a deadlock, and both logs around it')
    .option('--window <span>', 'with --full: so much of the logs before and after, 10m at most', spanOption, '10s')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', EXAMPLES);
  addConnectOptions(command).action(async (what: string, flags: WhyFlags) => {
    const client = await connect(flags, parts);
    // The daemon may live in another zone than the person who reads a clock here.
    const absolute = toAbsoluteTime(what, parts.clock());
    const answer = await client.why(absolute ?? what);
    setOutcome(answer, parts);
    const moment = absolute === null ? null : describeMoment(what, parts);
    if (flags.json === true) parts.terminal.out(toJsonLine(answer));
    else if (answer.result === 'no_match')
      await tellNoMatch({ what, shown: withMoment(what, moment) }, answer, client, parts, knownCauses);
    else await printAnswer(moment ?? quoted(what), answer, answer.result, flags, client, parts);
  });
}

function readQuestion(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('Give last, an id, a time, an SQLSTATE, a cause or words of the text.');
}

function quoted(what: string): string {
  return `"${escapeOnOneLine(what)}"`;
}

/** What a time was taken for: whoever types a clock at night, or in another zone than the log's, is to see it. */
function describeMoment(what: string, { clock }: CliParts): string | null {
  const moment = parseMoment(what, clock());
  if (moment === null) return null;
  const { zone } = clock();
  const iso = formatUtc(moment.startUs);
  return `${formatTime(iso, 'second', zone)} ${formatOffset(iso, zone)}`;
}

function withMoment(what: string, moment: string | null): string {
  if (moment === null) return quoted(what);
  return moment.startsWith(`${what.trim()} `) ? moment : `${quoted(what)} (${moment})`;
}

function setOutcome({ result }: WhyAnswer, { setExitCode }: CliParts): void {
  if (result === 'no_match') setExitCode(EXIT.noMatch);
  if (result === 'ambiguous') setExitCode(EXIT.ambiguous);
}

async function printAnswer(
  asked: string,
  answer: WhyAnswer,
  result: Exclude<WhyAnswer['result'], 'no_match'>,
  flags: WhyFlags,
  client: Client,
  parts: CliParts,
): Promise<void> {
  switch (result) {
    case 'match':
      await printMatch(answer, flags, client, parts);
      return;
    case 'ambiguous':
      printCandidates(asked, answer, parts);
      return;
    case 'dropped':
      printDropped(answer, parts);
      return;
    default:
      assertNever(result);
  }
}

async function printMatch(
  { matches: [match] }: WhyAnswer,
  flags: WhyFlags,
  client: Client,
  { terminal, clock }: CliParts,
): Promise<void> {
  if (match === undefined) return;
  const { verdict, distanceMs, same } = match;
  const above = [
    ...(distanceMs !== null && distanceMs > 0 ? [`The nearest failure, ${formatSpan(distanceMs)} away:`] : []),
    ...(same > 0 ? [`The newest of ${showTotal(same + 1)} alike (whyd failures --issue ${verdict.issue}):`] : []),
  ];
  for (const line of above) terminal.err(line);
  const { columns, style } = terminal;
  const zone = clock().zone;
  const options = {
    columns,
    style,
    zone,
    full: flags.full === true,
    linesAbove: above.length,
    incident: await findIncident(verdict, client),
  };
  for (const line of showVerdict(verdict, options)) terminal.out(line);
  if (flags.full === true)
    for (const line of await showStory(verdict, flags, client, { terminal, zone })) terminal.out(line);
}

/** What --full adds: the drawn cycle, and both logs in one sequence. */
async function showStory(
  verdict: Verdict,
  { window }: WhyFlags,
  client: Client,
  { terminal, zone }: Pick<CliParts, 'terminal'> & { readonly zone: string },
): Promise<readonly string[]> {
  const { style } = terminal;
  const width = screenWidth(terminal.columns);
  const sections = [
    showCycle(verdict, { width, style }),
    showTimeline(await client.timeline(verdict.id, window), { width, zone, style }),
  ];
  return sections.filter((section) => section.length > 0).flatMap((section) => ['', ...section]);
}

function printDropped({ dropped }: WhyAnswer, { terminal, clock }: CliParts): void {
  const { columns, style } = terminal;
  for (const line of showDropped(dropped, { width: screenWidth(columns), zone: clock().zone, style }))
    terminal.out(line);
}

function showTotal(total: number): string {
  return total < COUNTED_UP_TO ? String(total) : `${String(COUNTED_UP_TO)} or more`;
}

function printCandidates(asked: string, { total, matches, coverage }: WhyAnswer, { terminal, clock }: CliParts): void {
  const { columns, style } = terminal;
  const known = matches.reduce((sum, { same }) => sum + 1 + same, 0);
  const shown = total > known ? `, the first ${String(matches.length)}` : '';
  const how = matches[0] === undefined ? '' : ` (by ${matches[0].how})`;
  const { zone } = clock();
  const says = [`${showTotal(total)} failures match `, `${how}${shown}:`] as const;
  const room = screenWidth(columns) - says.join('').length;
  terminal.err(says.join(fitWidth(asked, Math.max(LEAST_OF_QUESTION, room))));
  const free = SCREEN_LINES - LINES_BESIDE_CANDIDATES - LEAST_PER_CANDIDATE * matches.length;
  const limit = Math.min(NOTES_BESIDE_CANDIDATES, coverage.length <= free ? free : free - 1);
  const notes = showCoverage(coverage, { zone, limit: Math.max(0, limit) });
  const lines = SCREEN_LINES - LINES_BESIDE_CANDIDATES - notes.length;
  for (const line of showCandidates(matches, { columns, style, zone, lines })) terminal.out(line);
  terminal.err(`Times are ${describeZone(matches[0]?.verdict.at ?? null, zone)}.`);
  for (const line of notes) terminal.err(line);
}
