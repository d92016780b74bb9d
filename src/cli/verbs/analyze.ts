import type { Command } from 'commander';
import type { CliParts } from '../cli-parts.ts';
import type { Verdict } from '../../domain.ts';
import type { Analyze } from '../engines.ts';
import { escapeOnOneLine, toJsonLine } from '../escape.ts';
import { toIncidentRow } from '../incident-row.ts';
import { refuseReversed, timeOption, type GivenTime } from '../option-values.ts';
import { zoneOption } from '../zone-option.ts';
import { createProgressBar } from '../progress-bar.ts';
import { VerdictSums } from '../verdict-sums.ts';
import { showReport, type Report } from '../show-report.ts';
import { listGaps } from '../report-gaps.ts';

interface AnalyzeFlags {
  readonly timezone?: string;
  readonly prefix?: string;
  readonly since?: GivenTime;
  readonly until?: GivenTime;
  readonly json?: boolean;
  readonly incidents?: boolean;
}

const EXAMPLES = `
Examples:
  whyd analyze denokv.log postgresql-*.log
  whyd analyze denokv.log /var/log/postgresql/*.log --since 2026-11-23T10:00Z
  whyd analyze denokv.log postgresql.csv --json | jq -r .cause.id | sort

Kind, wrapping and format of each file are detected. With --json one verdict a
line, then the requests that got no answer at all (kind "dropped"); what was not
covered goes to stderr.`;

export function registerAnalyze(program: Command, parts: CliParts, analyze: Analyze): void {
  const readTime = timeOption(parts.clock);
  program
    .command('analyze')
    .argument('<path...>', 'log files of denokv and Postgres, in any order; - for stdin')
    .option('--timezone <zone>', 'the zone of times that carry none', zoneOption)
    .option('--prefix <prefix>', "Postgres' log_line_prefix, where it is not to be detected")
    .option('--since <time>', 'failures from this time on', readTime)
    .option('--until <time>', 'failures before this time', readTime)
    .option('--json', 'print JSON, one verdict a line')
    .option('--incidents', 'with --json: the incidents too, after the verdicts')
    .addHelpText('after', EXAMPLES)
    .action(async (paths: readonly string[], flags: AnalyzeFlags) => {
      refuseReversed(flags);
      const bar = createProgressBar(parts.terminal, () => parts.clock().nowMs);
      const settings = {
        timezone: flags.timezone ?? null,
        linePrefix: flags.prefix ?? null,
        sinceUs: flags.since?.us ?? null,
        untilUs: flags.until?.us ?? null,
        onProgress: bar.show,
      };
      const sums = new VerdictSums();
      const onVerdict = (verdict: Verdict): void => {
        sums.add(verdict);
        if (flags.json !== true) return;
        bar.clear();
        parts.terminal.out(toJsonLine(verdict));
      };
      const found = await analyze(paths, { ...settings, onVerdict }).finally(bar.clear);
      for (const verdict of found.verdicts) onVerdict(verdict);
      const report = { ...found, sums };
      if (flags.json === true) printJson(report, flags.incidents === true, parts);
      else printReport(report, parts);
    });
}

/** Verdicts have been printed as they came. */
function printJson(
  report: Report & { readonly sums: VerdictSums },
  withIncidents: boolean,
  { terminal }: CliParts,
): void {
  const { sums, dropped = [], incidents, sources, findings, backend } = report;
  for (const one of dropped) terminal.out(toJsonLine(one));
  if (withIncidents) for (const incident of incidents) terminal.out(toJsonLine(toIncidentRow(incident)));
  for (const gap of listGaps(sums.gaps, sources, findings, backend)) terminal.err(escapeOnOneLine(gap));
}

function printReport(report: Report, { terminal, clock }: CliParts): void {
  const { columns, style } = terminal;
  for (const line of showReport(report, { columns, style, zone: clock().zone })) terminal.out(line);
}
