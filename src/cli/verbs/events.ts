import { Option, type Command } from 'commander';
import type { CliParts } from '../cli-parts.ts';
import { connect } from '../connect.ts';
import { addListOptions, addTimeOptions, printList, toQuery, type ListFlags } from '../list-verb.ts';
import { sqlstateOption, wholeOption } from '../option-values.ts';
import { showEventRow } from '../show-event-row.ts';

interface EventsFlags extends ListFlags {
  readonly kind?: string;
  readonly severity?: string;
  readonly sqlstate?: string;
  readonly pid?: number;
  readonly text?: string;
}

const KINDS = ['denokv_error', 'denokv_note', 'postgres_error', 'postgres_context', 'proxy_response', 'gap'];
const SEVERITIES = ['DEBUG', 'INFO', 'NOTICE', 'WARNING', 'LOG', 'ERROR', 'FATAL', 'PANIC'];

const EXAMPLES = `
Examples:
  whyd events --since 10m --severity FATAL
  whyd events --pid 12428 --since 14:00 --until 14:05
  whyd events --text "could not extend file" --json

What whyd keeps of the logs, newest first. With --json one event a line.`;

export function registerEvents(program: Command, parts: CliParts): void {
  const command = addTimeOptions(program.command('events'), parts)
    .addOption(new Option('--kind <kind>', 'of this kind').choices(KINDS))
    .addOption(new Option('--severity <word>', 'of this severity').choices(SEVERITIES))
    .option('--sqlstate <code>', 'with this SQLSTATE', sqlstateOption)
    .option('--pid <pid>', 'of this backend', wholeOption)
    .option('--text <words>', 'whose text holds these words, case ignored');
  addListOptions(command)
    .addHelpText('after', EXAMPLES)
    .action(async (flags: EventsFlags) => {
      const { kind, severity, sqlstate, pid, text } = flags;
      const client = await connect(flags, parts);
      const { columns, style } = parts.terminal;
      const zone = parts.clock().zone;
      await printList(
        {
          fetch: (query) => client.events(query),
          query: toQuery(flags, { kind, severity, sqlstate, pid, q: text }),
          toRows: (items) => items,
          at: ({ at }) => at,
          show: (event) => [showEventRow(event, { columns, style, zone })],
          none: 'No events.',
        },
        flags,
        parts,
      );
    });
}
