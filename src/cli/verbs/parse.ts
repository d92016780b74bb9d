import type { Command } from 'commander';
import type { CliParts } from '../cli-parts.ts';
import type { ParseLogs } from '../engines.ts';
import { escapeOnOneLine } from '../escape.ts';
import { EventLines } from '../event-lines.ts';
import { zoneOption } from '../zone-option.ts';

interface ParseFlags {
  readonly timezone?: string;
  readonly prefix?: string;
  readonly all?: boolean;
  readonly json?: boolean;
}

const BYTES_PER_WRITE = 1 << 16;
const EXAMPLES = `
Examples:
  whyd parse postgresql.log
  whyd parse postgresql.csv --json | jq 'select(.severity == "FATAL")'

With --json one event a line; fields that an event lacks are null.`;

export function registerParse(program: Command, { terminal }: CliParts, parse: ParseLogs): void {
  program
    .command('parse')
    .argument('<path...>', 'log files of denokv and Postgres; - for stdin')
    .option('--all', 'keep statement noise')
    .option('--timezone <zone>', 'the zone of times that carry none', zoneOption)
    .option('--prefix <prefix>', "Postgres' log_line_prefix, where it is not to be detected")
    .option('--json', 'print JSON, one event a line')
    .addHelpText('after', EXAMPLES)
    .action(async (paths: readonly string[], flags: ParseFlags) => {
      const lines = new EventLines({ json: flags.json === true, columns: terminal.columns });
      // Standard input may be a log that is being written: what is known of it is wanted at once.
      const bytesPerWrite = paths.includes('-') ? 0 : BYTES_PER_WRITE;
      const write = async (): Promise<void> => {
        const bytes = lines.take();
        if (bytes.length > 0) await terminal.outBytes(bytes);
      };
      const findings = await parse(paths, {
        timezone: flags.timezone ?? null,
        linePrefix: flags.prefix ?? null,
        all: flags.all === true,
        onEvents: (events) => {
          for (const event of events) lines.add(event);
        },
        whenReady: async () => {
          if (lines.size >= bytesPerWrite) await write();
        },
      }).finally(write);
      for (const finding of findings) terminal.err(escapeOnOneLine(finding));
    });
}
