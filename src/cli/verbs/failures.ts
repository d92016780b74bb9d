import { Option, type Command } from 'commander';
import type { Verdict } from '../../domain.ts';
import { causeOption, checkCause, type KnownCauses } from '../cause-option.ts';
import type { CliParts } from '../cli-parts.ts';
import { connect } from '../connect.ts';
import { retryFolder, type FailedRequest } from '../fold-retries.ts';
import { addListOptions, addTimeOptions, printList, toQuery, type ListFlags } from '../list-verb.ts';
import { sqlstateOption } from '../option-values.ts';
import { showLine } from '../show-line.ts';

interface FailuresFlags extends ListFlags {
  readonly cause?: string;
  readonly operation?: string;
  readonly sqlstate?: string;
  readonly certainty?: string;
  readonly issue?: string;
  readonly incident?: string;
  readonly text?: string;
  readonly retries?: boolean;
}

const EXAMPLES = `
Examples:
  whyd failures --since 1h
  whyd failures --cause deadlock --since 09:00 --until 10:00
  whyd failures --certainty unknown --limit 500 --json

A request that its client sent again is one line, with the count of its tries
(x3). With --json one verdict a line, each try among them.`;

export function registerFailures(program: Command, parts: CliParts, knownCauses: KnownCauses): void {
  const command = addTimeOptions(program.command('failures'), parts)
    .addOption(causeOption())
    .addOption(new Option('--operation <name>', 'of this operation').choices(['atomic_write', 'snapshot_read']))
    .option('--sqlstate <code>', 'with this SQLSTATE', sqlstateOption)
    .addOption(new Option('--certainty <word>', 'this sure').choices(['certain', 'likely', 'possible', 'unknown']))
    .option('--issue <id>', 'of this issue')
    .option('--incident <id>', 'that this incident explains')
    .option('--text <words>', 'whose text holds these words, case ignored')
    .option('--retries', 'each try of a request that was sent again, and not the last alone');
  addListOptions(command)
    .addHelpText('after', EXAMPLES)
    .action(async (flags: FailuresFlags) => {
      const { cause, operation, sqlstate, certainty, issue, incident, text } = flags;
      await checkCause(cause, knownCauses);
      const client = await connect(flags, parts);
      const { columns, style } = parts.terminal;
      const zone = parts.clock().zone;
      const fold = flags.retries === true ? eachTry : retryFolder();
      const seen = { retries: false };
      await printList(
        {
          fetch: (query) => client.failures(query),
          query: toQuery(flags, { cause, operation, sqlstate, certainty, issue, incident, q: text }),
          toRows: (items) => {
            const requests = fold(items);
            seen.retries ||= requests.length < items.length;
            return requests;
          },
          at: ({ verdict }) => verdict.at,
          show: ({ verdict, tries }) => [showLine(verdict, { columns, style, zone, tries, withId: true })],
          none:
            issue === undefined && incident === undefined
              ? 'No failures.'
              : 'No failures. The id of an issue or incident is given whole.',
        },
        flags,
        parts,
      );
      if (seen.retries && flags.json !== true)
        parts.terminal.err('x3: one request, sent three times; --retries lists each try.');
    });
}

function eachTry(page: readonly Verdict[]): readonly FailedRequest[] {
  return page.map((verdict) => ({ verdict, tries: 1 }));
}
