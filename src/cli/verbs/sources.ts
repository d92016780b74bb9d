import type { Command } from 'commander';
import type { SourceStatus } from '../../domain.ts';
import type { CliParts } from '../cli-parts.ts';
import { addConnectOptions, connect, type ConnectFlags } from '../connect.ts';
import { escapeOnOneLine, toJsonLine } from '../escape.ts';
import { describeZone, formatCount, formatShare, formatTime } from '../format.ts';
import { shortenPath } from '../shorten-path.ts';
import { wrapText } from '../text-width.ts';

interface SourcesFlags extends ConnectFlags {
  readonly json?: boolean;
}

const MIN_PATH = 16;

const EXAMPLES = `
Examples:
  whyd sources
  whyd sources --json

With --json one log a line.`;

export function registerSources(program: Command, parts: CliParts): void {
  const command = program
    .command('sources')
    .option('--json', 'print JSON, one log a line')
    .addHelpText('after', EXAMPLES);
  addConnectOptions(command).action(async (flags: SourcesFlags) => {
    const client = await connect(flags, parts);
    const sources = await client.sources();
    if (sources.length === 0) parts.terminal.err('No log is being read.');
    for (const source of sources) {
      const lines =
        flags.json === true ? [toJsonLine(source)] : showSource(source, parts.clock().zone, parts.terminal.columns);
      for (const line of lines) parts.terminal.out(line);
    }
    const newest = sources.map(({ newestAt }) => newestAt).find((at) => at !== null);
    if (newest !== undefined && flags.json !== true)
      parts.terminal.err(`Times are ${describeZone(newest, parts.clock().zone)}.`);
  });
}

/** One log as lines, the first of them its name and state. */
function showSource(source: SourceStatus, zone: string, columns = Infinity): readonly string[] {
  const { kind, path, state, offset, sizeBytes, lagBytes, gaps, detection, counts, newestAt, reason, hint } = source;
  const sure =
    detection === null ? 'format not known yet' : `${detection.format} (${formatShare(detection.confidence)} sure)`;
  const prefix = detection?.linePrefix == null ? '' : `, prefix "${detection.linePrefix}"`;
  const position = `${String(offset)} of ${formatCount(sizeBytes, 'byte')}, ${String(lagBytes)} behind`;
  const read = `${formatCount(counts.lines, 'line')}, ${formatCount(counts.events, 'event')}, ${String(counts.unrecognised)} not understood`;
  const details = [
    `${position}, ${formatCount(gaps, 'gap')}; newest event ${formatTime(newestAt, 'second', zone)}`,
    `${sure}${prefix}; ${read}`,
    ...(reason === null ? [] : [reason]),
    ...(hint === null ? [] : [`hint: ${hint}`]),
  ];
  const room = Math.max(MIN_PATH, columns - kind.length - state.length - 2);
  return [
    `${kind} ${shortenPath(escapeOnOneLine(path), room)} ${state}`,
    ...details.flatMap((line) => wrapText(escapeOnOneLine(line), columns - 2).map((one) => `  ${one}`)),
  ];
}
