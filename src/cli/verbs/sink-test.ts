import type { Command } from 'commander';
import type { Config } from '../../config/config.ts';
import { nearestWord } from '../../config/nearest-word.ts';
import { EXIT, WhydError, type ExitCode } from '../../errors.ts';
import type { Delivery, SinkTest } from '../../sink-test.ts';
import type { CliParts } from '../cli-parts.ts';
import type { TestSink } from '../engines.ts';
import { escapeOnOneLine, toJsonLine } from '../escape.ts';
import { wrapText } from '../text-width.ts';

interface SinkFlags {
  readonly config?: string;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  whyd sink test ops --config /etc/whyd/whyd.yaml

The message is marked as a test and signed (Standard Webhooks). A sink in the
configuration:
  tickets:
    sinks:
      - name: ops
        kind: webhook
        url: https://hooks.example/whyd
        secret_file: /etc/whyd/ops.secret

Exit code: 0 the receiver took it, 1 it did not, 3 no sink by that name, 6 it
refused the signature (401, 403), 78 bad configuration.`;

/** So much of an answer's body is worth showing. */
const SHOWN_CHARS = 200;

export function registerSinkTest(program: Command, { terminal, env, setExitCode }: CliParts, testSink: TestSink): void {
  program
    .command('sink')
    .command('test')
    .description('send one test message to a sink and say what came back')
    .argument('<name>', 'the name of the sink in the configuration')
    .option('--config <file>', 'the configuration file (WHYD_CONFIG)')
    .option('--json', 'print JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (name: string, flags: SinkFlags) => {
      const { loadConfig } = await import('../../config/load-config.ts');
      const config = loadConfig({ file: flags.config ?? null, env, flags: {} });
      const test = await testSink(sinkNamed(name, config));
      for (const warning of test.warnings) terminal.err(`whyd: warning: ${escapeOnOneLine(warning)}`);
      const lines = flags.json === true ? [toJsonLine(test)] : showTest(test, terminal.columns);
      for (const line of lines) terminal.out(line);
      setExitCode(exitCodeOf(test.delivery));
    });
}

function sinkNamed(name: string, { file, sinks = [] }: Config): NonNullable<Config['sinks']>[number] {
  const sink = sinks.find((one) => one.name === name);
  if (sink !== undefined) return sink;
  if (sinks.length === 0) {
    throw new WhydError('sink.none', `${file ?? 'the configuration'} names no sinks`, {
      hint: 'List one under tickets: sinks: and pass the file with --config (see whyd sink test --help).',
      exitCode: EXIT.badConfiguration,
    });
  }
  const names = sinks.map((one) => one.name);
  const nearest = nearestWord(name, names);
  throw new WhydError('sink.unknown', `there is no sink "${name}"`, {
    hint: `${nearest === null ? '' : `Did you mean "${nearest}"? `}Known: ${names.join(', ')}.`,
    exitCode: EXIT.noMatch,
  });
}

function exitCodeOf(delivery: Delivery): ExitCode {
  if (delivery.kind === 'failed') return EXIT.failure;
  if (isSuccess(delivery.status)) return EXIT.ok;
  return delivery.status === 401 || delivery.status === 403 ? EXIT.denied : EXIT.failure;
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

function showTest({ sink, to, messageId, delivery }: SinkTest, columns: number): readonly string[] {
  const shown = (line: string): readonly string[] => wrapped(line, columns);
  const at = delivery.address === null ? '' : ` at ${delivery.address}`;
  const place = `${to}${at}, after ${String(delivery.durationMs)} ms`;
  if (delivery.kind === 'failed') {
    return [`sink ${sink}: not delivered: ${delivery.reason} (${place})`, `  hint: ${delivery.hint}`].flatMap(shown);
  }
  const { status, location, body } = delivery;
  const excerpt = body.trim() === '' ? [] : [`  it said: ${body.trim().slice(0, SHOWN_CHARS)}`];
  const hint = isSuccess(status) ? null : hintOf(status, location);
  return [
    `sink ${sink}: ${isSuccess(status) ? 'delivered' : 'refused'}: status ${String(status)} (${place})`,
    `  message ${messageId}`,
    ...excerpt,
    ...(hint === null ? [] : [`  hint: ${hint}`]),
  ].flatMap(shown);
}

function hintOf(status: number, location: string | null): string {
  if (location !== null) return `redirects are not followed; if ${location} is right, put it into the configuration`;
  if (status === 401 || status === 403) return 'give the receiver the secret of secret_file, and compare the clocks';
  if (status === 404 || status === 405) return 'check the path of the address';
  if (status === 429) return 'the receiver takes no more for now; try again later';
  return status >= 500 ? 'look into the log of the receiver' : 'the receiver does not take this message';
}

/** What follows the first line is indented, in the whole of the line as in its rest. */
function wrapped(line: string, columns: number): readonly string[] {
  const indent = line.startsWith('  ') ? '  ' : '';
  const [first = '', ...rest] = wrapText(escapeOnOneLine(line), columns - '  '.length);
  return [indent + first, ...rest.map((text) => `  ${text}`)];
}
