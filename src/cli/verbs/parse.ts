import type { Command } from 'commander';
import type { LogEvent } from '../../domain.ts';
import type { CliParts } from '../cli-parts.ts';
import type { ParseLogs } from '../engines.ts';
import { escapeOnOneLine, toJsonLine } from '../escape.ts';
import { zoneOption } from '../zone-option.ts';
import { showEvent, toEventRow } from '../show-event.ts';

interface ParseFlags {
  readonly timezone?: string;
  readonly prefix?: string;
  readonly all?: boolean;
  readonly json?: boolean;
}

const LINES_PER_WRITE = 64;
const EXAMPLES = `
Examples:
  whyd parse postgresql.log
  whyd parse denokv.log postgresql.csv --json | jq 'select(.severity == "FATAL")'

With --json one event a line; fields that an event lacks are null.`;

export function registerParse(program: Command, { terminal }: CliParts, parse: ParseLogs): void {
  program
    .command('parse')
    .description('show what whyd sees in log files, one event a line')
    .argument('<path...>', 'log files of denokv and Postgres; - for stdin')
    .option('--all', 'keep statement noise')
    .option('--timezone <zone>', 'the zone of times that carry none', zoneOption)
    .option('--prefix <prefix>', "Postgres' log_line_prefix, where it is not to be detected")
    .option('--json', 'print JSON, one event a line')
    .addHelpText('after', EXAMPLES)
    .action(async (paths: readonly string[], flags: ParseFlags) => {
      // A log of errors has a million of them: one write for many.
      let lines: string[] = [];
      const flush = (): void => {
        if (lines.length > 0) terminal.out(lines.join('\n'));
        lines = [];
      };
      const print = (event: LogEvent): void => {
        lines.push(flags.json === true ? toJsonLine(toEventRow(event)) : showEvent(event, terminal.columns));
        if (lines.length >= LINES_PER_WRITE) flush();
      };
      const findings = await parse(paths, {
        timezone: flags.timezone ?? null,
        linePrefix: flags.prefix ?? null,
        all: flags.all === true,
        onEvent: print,
      }).finally(flush);
      for (const finding of findings) terminal.err(escapeOnOneLine(finding));
    });
}
