import type { Command } from 'commander';
import type { Finding } from '../../checkup.ts';
import { EXIT } from '../../errors.ts';
import type { CliParts } from '../cli-parts.ts';
import type { Checkup } from '../engines.ts';
import { escapeOnOneLine, escapeText, toJsonLine } from '../escape.ts';
import { formatCount } from '../format.ts';
import type { StyleName } from '../style.ts';
import { wrapText } from '../text-width.ts';

interface DoctorFlags {
  readonly config?: string;
  readonly postgresUrlFile?: string;
  readonly json?: boolean;
  readonly all?: boolean;
}

const EXAMPLES = `
Examples:
  whyd doctor --config /etc/whyd/whyd.yaml
  whyd doctor --postgres-url-file /etc/whyd/postgres-url --json

The file holds postgresql://user:password@host:port/database on one line, mode
0600. Any role will do; one in pg_monitor sees most:
  CREATE ROLE whyd LOGIN PASSWORD '...' IN ROLE pg_monitor;
  GRANT SELECT ON data_version TO whyd;
It reads in one transaction that cannot write, and changes nothing.

Exit code: 0 no problem, 1 problems, 78 bad configuration. With --json one check
a line, the good ones too.`;

export function registerDoctor(program: Command, { terminal, env, setExitCode }: CliParts, checkup: Checkup): void {
  program
    .command('doctor')
    .description("check this host's settings and, given a connection, the live database")
    .option('--config <file>', 'the configuration file (WHYD_CONFIG); without one the logs of this host are looked for')
    .option('--postgres-url-file <file>', 'a file that holds the address of the database (WHYD_POSTGRES_URL_FILE)')
    .option('--all', 'print what is good, too')
    .option('--json', 'print JSON, one check a line')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: DoctorFlags) => {
      const { loadConfig } = await import('../../config/load-config.ts');
      const config = loadConfig({ file: flags.config ?? null, env, flags: { postgresUrlFile: flags.postgresUrlFile } });
      const findings = await checkup(config);
      if (flags.json === true) {
        for (const finding of findings) terminal.out(toJsonLine(finding));
      } else {
        for (const line of showFindings(findings, flags.all === true, terminal)) terminal.out(line);
        terminal.err(summary(findings, config.postgres?.urlFile != null));
      }
      if (findings.some(({ result }) => result === 'problem')) setExitCode(EXIT.failure);
    });
}

const ORDER: readonly Finding['result'][] = ['problem', 'advice', 'unseen', 'ok'];
const RESULT_STYLE: Readonly<Record<Finding['result'], StyleName>> = {
  problem: 'red',
  advice: 'yellow',
  unseen: 'cyan',
  ok: 'green',
};
const LABEL_WIDTH = 9;
const MAX_WIDTH = 120;

function showFindings(
  findings: readonly Finding[],
  withGood: boolean,
  { columns, style }: CliParts['terminal'],
): readonly string[] {
  const width = Math.min(columns, MAX_WIDTH) - LABEL_WIDTH;
  const paragraph = (label: string, text: string): readonly string[] =>
    wrapText(escapeOnOneLine(text), width).map(
      (line, index) => (index === 0 ? label.padEnd(LABEL_WIDTH) : ' '.repeat(LABEL_WIDTH)) + line,
    );
  return ORDER.filter((result) => withGood || result !== 'ok').flatMap((result) =>
    findings
      .filter((finding) => finding.result === result)
      .flatMap(({ check, says, why, change }) => [
        style(RESULT_STYLE[result], result.padEnd(LABEL_WIDTH)) + style('bold', escapeOnOneLine(check)),
        ...paragraph('', says),
        ...(why === null ? [] : paragraph('  why', why)),
        // These are to be copied: neither broken nor folded.
        ...change.map((line, index) => (index === 0 ? '  change' : '').padEnd(LABEL_WIDTH) + escapeText(line)),
      ]),
  );
}

function summary(findings: readonly Finding[], isLive: boolean): string {
  const count = (result: Finding['result']): number => findings.filter((finding) => finding.result === result).length;
  const counts = [
    formatCount(count('problem'), 'problem'),
    `${String(count('advice'))} to improve`,
    `${String(count('unseen'))} not seen`,
    `${String(count('ok'))} good`,
  ].join(', ');
  return isLive ? counts : `${counts}; the live database was not looked at (--postgres-url-file)`;
}
