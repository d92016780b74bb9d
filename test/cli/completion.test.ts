import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engines } from '../../src/cli/engines.ts';
import { runCli } from './fake-terminal.ts';

const never = (): Promise<never> => Promise.reject(new Error('not to be run'));
const engines: Engines = { analyze: never, parse: never, startDaemon: never, startDemo: never };

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'whyd-completion-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function isInstalled(program: string): boolean {
  return spawnSync(program, ['--version']).error === undefined;
}

async function scriptFor(shell: string): Promise<string> {
  const { exitCode, out } = await runCli(['completion', shell], { engines });
  expect(exitCode).toBe(0);
  const file = join(folder, `whyd.${shell}`);
  writeFileSync(file, `${out.join('\n')}\n`);
  return file;
}

const CASES: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['', ['why', 'failures', 'tail', 'issues', 'analyze', 'run', 'db'], ['demo']],
  ['fail', ['failures'], ['why']],
  ['issues ', ['mute', 'resolve', 'reopen', 'show', 'list'], ['why']],
  ['failures --cause dead', ['deadlock'], ['disk_full', 'unknown']],
  ['failures --certainty ', ['certain', 'likely', 'possible', 'unknown'], ['deadlock']],
  ['db ', ['check', 'backup'], ['why']],
];

describe('bash completes', () => {
  test.each(CASES)('whyd %s', async (typed, wanted, unwanted) => {
    const file = await scriptFor('bash');
    const words = ['whyd', ...typed.split(' ')];
    const script = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _whyd; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script, 'bash', file, ...words], { encoding: 'utf8' });
    expect(stderr).toBe('');
    const offered = stdout.trim().split('\n');
    expect(offered).toEqual(expect.arrayContaining([...wanted]));
    for (const word of unwanted) expect(offered).not.toContain(word);
  });
});

for (const program of ['bash', 'fish', 'zsh', 'mandoc'])
  if (!isInstalled(program)) console.warn(`skipped: no ${program} (apt-get install ${program})`);

describe.skipIf(!isInstalled('fish'))('fish completes', () => {
  test.each(CASES)('whyd %s', async (typed, wanted, unwanted) => {
    const file = await scriptFor('fish');
    const script = `source ${file}; complete -C 'whyd ${typed}'`;
    const { stdout, stderr } = spawnSync('fish', ['--no-config', '-c', script], {
      encoding: 'utf8',
      env: { ...process.env, HOME: folder },
    });
    expect(stderr).toBe('');
    const offered = stdout.split('\n').map((line) => line.split('\t')[0]);
    expect(offered).toEqual(expect.arrayContaining([...wanted]));
    for (const word of unwanted) expect(offered).not.toContain(word);
  });
});

describe.skipIf(!isInstalled('zsh'))('zsh completes', () => {
  // A terminal of its own would be needed to press Tab in; what zsh's completion system would be given is printed instead.
  const SPY = [
    'compdef() { }',
    '_describe() { print -rl -- ${(P)2%%:*} }',
    'compadd() { shift; print -rl -- $@ }',
    '_files() { print -r -- a-file }',
  ].join('; ');
  test.each([
    ...CASES,
    ['failures --limit 5 --cause dead', ['deadlock'], ['why']] as const,
    ['parse ', ['--json', 'a-file'], ['why']] as const,
  ])('whyd %s', async (typed, wanted, unwanted) => {
    const file = await scriptFor('zsh');
    const script = `${SPY}; source "$1"; shift; words=("$@"); CURRENT=$#; _whyd`;
    const words = ['whyd', ...typed.split(' ')];
    const { stdout, stderr } = spawnSync('zsh', ['-f', '-c', script, 'zsh', file, ...words], { encoding: 'utf8' });
    expect(stderr).toBe('');
    const offered = stdout
      .trim()
      .split('\n')
      .filter((word) => word.startsWith(words.at(-1) ?? ''));
    expect(offered).toEqual(expect.arrayContaining([...wanted]));
    for (const word of unwanted) expect(offered).not.toContain(word);
  });
});

test.skipIf(!isInstalled('zsh'))('zsh takes the script', async () => {
  const file = await scriptFor('zsh');
  const script = `autoload -Uz compinit && compinit -u -d ${folder}/dump && source ${file} && print $_comps[whyd]`;
  const { stdout, stderr } = spawnSync('zsh', ['-f', '-c', script], { encoding: 'utf8' });
  expect([stderr, stdout.trim()]).toEqual(['', '_whyd']);
});

test('a shell that is not known is a usage error', async () => {
  expect((await runCli(['completion', 'csh'])).exitCode).toBe(2);
});

describe('the man page', () => {
  test('names every verb and option that the help does', async () => {
    const page = (await runCli(['man'], { engines })).out.join('\n');
    for (const word of ['whyd issues mute', '\\-\\-certainty', 'certain, likely, possible', '78 bad configuration']) {
      expect(page).toContain(word);
    }
    expect(page).not.toContain('demo');
  });

  test.skipIf(!isInstalled('mandoc'))('has nothing that mandoc warns of', async () => {
    const page = (await runCli(['man'], { engines })).out.join('\n');
    const { stdout } = spawnSync('mandoc', ['-Tlint', '-Wwarning'], { encoding: 'utf8', input: page });
    // A date would be another with each build.
    expect(stdout.split('\n').filter((line) => line !== '' && !line.includes('missing date'))).toEqual([]);
  });

  test.skipIf(!isInstalled('groff'))('is rendered without a complaint', async () => {
    const page = (await runCli(['man'], { engines })).out.join('\n');
    const { stdout, stderr } = spawnSync('groff', ['-man', '-Tutf8', '-ww', '-P-c'], { encoding: 'utf8', input: page });
    expect(stderr).toBe('');
    // Bold is overstruck: each letter, a backspace, the letter again.
    expect(stdout.replace(/.\x08/g, '')).toContain('whyd failures [options]');
  });
});
