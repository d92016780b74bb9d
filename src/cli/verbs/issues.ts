import { Option, type Command } from 'commander';
import type { IssueStep } from '../../domain.ts';
import { EXIT, WhydError } from '../../errors.ts';
import { parseSpanMs } from '../../time/parse-time.ts';
import { causeOption, checkCause, type KnownCauses } from '../cause-option.ts';
import type { CliParts } from '../cli-parts.ts';
import { addConnectOptions, connect, type ConnectFlags } from '../connect.ts';
import { toJsonLine } from '../escape.ts';
import { addListOptions, printList, tellZone, toQuery, type ListFlags } from '../list-verb.ts';
import { spanOption, timeOption } from '../option-values.ts';
import { refuseUnknownVerb } from '../refuse-unknown-verb.ts';
import { showIssue, showIssueLines } from '../show-issue.ts';

interface ListIssuesFlags extends ListFlags {
  readonly state?: string;
  readonly cause?: string;
}

interface IssueFlags extends ConnectFlags {
  readonly json?: boolean;
}

interface MuteFlags extends IssueFlags {
  readonly for?: string;
  readonly until?: number;
}

const EXAMPLES = `
Examples:
  whyd issues                          those seen last come first
  whyd issues --state open --since 1d  (all filters: whyd issues list --help)
  whyd issues show i_rj48wqjrnxyn      one of them, its failures by the hour
  whyd issues mute i_rj48wqjrnxyn --for 2h
  whyd issues resolve i_rj48wqjrnxyn

An issue is all failures of one cause, SQLSTATE, operation, object and wording.`;

const LIST_EXAMPLES = `
Examples:
  whyd issues --state open
  whyd issues --cause lock_timeout --since 1d --json

With --json one issue a line.`;

export function registerIssues(program: Command, parts: CliParts, knownCauses: KnownCauses): void {
  const issues = program.command('issues').addHelpText('after', EXAMPLES);
  registerList(issues, parts, knownCauses);
  registerShow(issues, parts);
  registerMute(issues, parts);
  registerStep(issues, parts, 'resolve', 'say that it is mended: it is open again, as regressed, when it comes back');
  registerStep(issues, parts, 'reopen', 'take back a mute or a resolve');
}

function registerList(issues: Command, parts: CliParts, knownCauses: KnownCauses): void {
  const command = issues
    .command('list', { isDefault: true })
    .description('list issues, those seen last first')
    .addOption(new Option('--state <state>', 'in this state').choices(['open', 'muted', 'resolved']))
    .addOption(causeOption())
    .option('--since <time>', 'with a failure from this time on', timeOption(parts.clock));
  addListOptions(command)
    .addHelpText('after', LIST_EXAMPLES)
    .allowExcessArguments()
    .action(async (flags: ListIssuesFlags) => {
      refuseUnknownVerb(issues, command);
      await checkCause(flags.cause, knownCauses);
      const client = await connect(flags, parts);
      const { columns, style } = parts.terminal;
      const zone = parts.clock().zone;
      await printList(
        {
          fetch: (query) => client.issues(query),
          query: toQuery(flags, { state: flags.state, cause: flags.cause }),
          toRows: (items) => items,
          at: ({ lastAt }) => lastAt,
          show: (issue) => showIssueLines(issue, { columns, style, zone }),
          none: 'No issues.',
        },
        flags,
        parts,
      );
    });
}

function registerShow(issues: Command, parts: CliParts): void {
  const command = issues
    .command('show')
    .description('show one issue: state, texts, failures by the hour')
    .argument('<id>', "the issue's id")
    .option('--json', 'print JSON');
  addConnectOptions(command).action(async (id: string, flags: IssueFlags) => {
    const issue = await (await connect(flags, parts)).issue(id);
    const { columns, style } = parts.terminal;
    const lines =
      flags.json === true ? [toJsonLine(issue)] : showIssue(issue, { columns, style, zone: parts.clock().zone });
    for (const line of lines) parts.terminal.out(line);
    if (flags.json !== true) tellZone(issue.lastAt, parts);
  });
}

function registerMute(issues: Command, parts: CliParts): void {
  const command = issues
    .command('mute')
    .description('be quiet about it, for a while or until it is reopened')
    .argument('<id>', "the issue's id")
    .addOption(new Option('--for <span>', 'for so long, such as 2h').argParser(spanOption).conflicts('until'))
    .option('--until <time>', 'until this time', readFuture(parts))
    .option('--json', 'print JSON');
  addConnectOptions(command).action(async (id: string, flags: MuteFlags) => {
    const spanMs = flags.for === undefined ? null : parseSpanMs(flags.for);
    const untilMs = spanMs === null ? (flags.until ?? null) : parts.clock().nowMs + spanMs;
    await step(id, { kind: 'mute', untilMs }, flags, parts);
  });
}

/** A clock time means the next one here: nobody mutes until yesterday. */
function readFuture({ clock }: CliParts): (text: string) => number {
  const DAY_MS = 86_400_000;
  const read = timeOption(clock);
  return (text) => {
    const ms = read(text).us / 1_000;
    const untilMs = ms <= clock().nowMs && /^\d{1,2}:/.test(text.trim()) ? ms + DAY_MS : ms;
    if (untilMs > clock().nowMs) return untilMs;
    throw new WhydError('issue.mute_past', `--until "${text}" is over already`, {
      hint: 'Give a time to come, or --for 2h.',
      exitCode: EXIT.usage,
    });
  };
}

function registerStep(issues: Command, parts: CliParts, kind: 'resolve' | 'reopen', description: string): void {
  const command = issues
    .command(kind)
    .description(description)
    .argument('<id>', "the issue's id")
    .option('--json', 'print JSON');
  addConnectOptions(command).action(async (id: string, flags: IssueFlags) => {
    await step(id, { kind }, flags, parts);
  });
}

async function step(id: string, what: IssueStep, flags: IssueFlags, parts: CliParts): Promise<void> {
  const issue = await (await connect(flags, parts)).stepIssue(id, what);
  const { columns, style } = parts.terminal;
  const lines =
    flags.json === true ? [toJsonLine(issue)] : showIssueLines(issue, { columns, style, zone: parts.clock().zone });
  for (const line of lines) parts.terminal.out(line);
  if (flags.json !== true) tellZone(issue.lastAt, parts);
}
