import type { Command } from 'commander';
import { alone, incidentRuns } from '../../incident-runs.ts';
import { causeOption, checkCause, type KnownCauses } from '../cause-option.ts';
import type { CliParts } from '../cli-parts.ts';
import { connect } from '../connect.ts';
import { addListOptions, addTimeOptions, printList, toQuery, type ListFlags } from '../list-verb.ts';
import { showIncidentRun } from '../show-incident.ts';

interface IncidentsFlags extends ListFlags {
  readonly cause?: string;
  readonly open?: boolean;
  readonly each?: boolean;
}

const EXAMPLES = `
Examples:
  whyd incidents --since 1d
  whyd incidents --open

An incident is a stretch of time in which one thing (a crash, a shutdown, a full
disk, a lock pile-up) explains the failures. whyd failures --incident ID lists
them. Those of one cause that overlap are told together.
With --json one incident a line.`;

export function registerIncidents(program: Command, parts: CliParts, knownCauses: KnownCauses): void {
  const command = addTimeOptions(program.command('incidents'), parts)
    .addOption(causeOption())
    .option('--open', 'only those that go on')
    .option('--each', 'each of those of one cause that overlap, and not the one with most failures alone');
  addListOptions(command)
    .addHelpText('after', EXAMPLES)
    .action(async (flags: IncidentsFlags) => {
      await checkCause(flags.cause, knownCauses);
      const client = await connect(flags, parts);
      const { columns, style } = parts.terminal;
      const zone = parts.clock().zone;
      await printList(
        {
          fetch: (query) => client.incidents(query),
          query: toQuery(flags, { cause: flags.cause, open: flags.open }),
          toRows: (items) => (flags.each === true ? items.map(alone) : incidentRuns(items)),
          at: ({ shown }) => shown.startAt,
          show: (row) => showIncidentRun(row, { columns, style, zone }),
          none: 'No incidents.',
        },
        flags,
        parts,
      );
    });
}
