import { plain } from '../../src/cli/style.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import type { ProgramParts } from '../../src/cli/program.ts';
import { runProgram } from '../../src/cli/program.ts';

export interface Run {
  readonly exitCode: number;
  readonly out: readonly string[];
  readonly err: string;
}

export const TEST_CLOCK = { nowMs: Date.parse('2026-11-23T12:00:00Z'), zone: 'UTC' };

export function fakeTerminal(columns = Infinity): Terminal & { readonly lines: string[]; readonly messages: string[] } {
  const lines: string[] = [];
  const messages: string[] = [];
  return {
    lines,
    messages,
    out: (line) => lines.push(line),
    outBytes: (bytes) => {
      lines.push(...Buffer.from(bytes).toString('utf8').split('\n').slice(0, -1));
      return Promise.resolve();
    },
    err: (line) => messages.push(line),
    columns,
    style: plain,
  };
}

/** Runs a command line in this process. */
export async function runCli(args: readonly string[], parts: Partial<ProgramParts> = {}): Promise<Run> {
  const terminal = fakeTerminal();
  const exitCode = await runProgram(args, {
    terminal,
    env: {},
    clock: () => TEST_CLOCK,
    version: '1.2.3',
    engines: {},
    ...parts,
  });
  return { exitCode, out: terminal.lines, err: terminal.messages.join('\n') };
}
