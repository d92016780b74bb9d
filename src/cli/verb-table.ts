import type { Command } from 'commander';
import type { CliParts } from './cli-parts.ts';
import type { Engines } from './engines.ts';
import { HELP_CLOSING } from './help-closing.ts';

export interface Verb {
  /** What the help, the man page and the completions say of it, in one line. */
  readonly summary: string;
  readonly group: VerbGroup;
  /** Not in the help: only `npm start` runs it. */
  readonly hidden?: true;
  /** Whether this program can do it at all. */
  readonly isOffered?: (engines: Engines) => boolean;
  /** Adds the command to the program, with its arguments and options. */
  readonly register: (
    program: Command,
    parts: CliParts,
    engines: Engines,
    wholeProgram: () => Promise<Command>,
  ) => Promise<void>;
}

export type VerbGroup = 'Ask the daemon:' | 'Read files, without a daemon:' | 'Run and keep:' | 'Help:';

const knownCauses = async (): Promise<readonly string[]> => (await import('../known-causes.ts')).knownCauses;
const knownIncidentCauses = async (): Promise<readonly string[]> =>
  (await import('../known-causes.ts')).knownIncidentCauses;

/** In the order of the help. Each is a module of its own: to read a log must not wait for what the daemon's verbs need. */
export const VERBS: Readonly<Record<string, Verb>> = {
  why: {
    summary: 'say why a request failed',
    group: 'Ask the daemon:',
    register: async (program, parts) => {
      (await import('./verbs/why.ts')).registerWhy(program, parts, knownCauses);
    },
  },
  failures: {
    summary: 'list failures, newest first',
    group: 'Ask the daemon:',
    register: async (program, parts) => {
      (await import('./verbs/failures.ts')).registerFailures(program, parts, knownCauses);
    },
  },
  tail: {
    summary: 'print failures as they happen',
    group: 'Ask the daemon:',
    register: async (program, parts) => {
      (await import('./verbs/tail.ts')).registerTail(program, parts, knownCauses);
    },
  },
  issues: {
    summary: 'list issues, mute and resolve them',
    group: 'Ask the daemon:',
    register: async (program, parts) => {
      (await import('./verbs/issues.ts')).registerIssues(program, parts, knownCauses);
    },
  },
  incidents: {
    summary: 'list what explains many failures at once',
    group: 'Ask the daemon:',
    register: async (program, parts) => {
      (await import('./verbs/incidents.ts')).registerIncidents(program, parts, knownIncidentCauses);
    },
  },
  events: {
    summary: 'list what whyd keeps of the logs',
    group: 'Ask the daemon:',
    register: async (program, parts) => {
      (await import('./verbs/events.ts')).registerEvents(program, parts);
    },
  },
  sources: {
    summary: 'show each log: state, position, lag, gaps, format',
    group: 'Ask the daemon:',
    register: async (program, parts) => {
      (await import('./verbs/sources.ts')).registerSources(program, parts);
    },
  },
  analyze: {
    summary: 'explain the failures in log files',
    group: 'Read files, without a daemon:',
    isOffered: ({ analyze }) => analyze !== undefined,
    register: async (program, parts, { analyze }) => {
      if (analyze !== undefined) (await import('./verbs/analyze.ts')).registerAnalyze(program, parts, analyze);
    },
  },
  parse: {
    summary: 'show what whyd sees in log files, one event a line',
    group: 'Read files, without a daemon:',
    isOffered: ({ parse }) => parse !== undefined,
    register: async (program, parts, { parse }) => {
      if (parse !== undefined) (await import('./verbs/parse.ts')).registerParse(program, parts, parse);
    },
  },
  run: {
    summary: 'run the daemon',
    group: 'Run and keep:',
    isOffered: ({ startDaemon }) => startDaemon !== undefined,
    register: async (program, parts, { startDaemon, discover }) => {
      if (startDaemon !== undefined)
        (await import('./verbs/run.ts')).registerRun(program, parts, startDaemon, discover);
    },
  },
  token: {
    summary: "print the token of this host's daemon, or make others",
    group: 'Run and keep:',
    register: async (program, parts) => {
      (await import('./verbs/token.ts')).registerToken(program, parts);
    },
  },
  doctor: {
    summary: "check this host's settings, and the live database",
    group: 'Run and keep:',
    isOffered: ({ checkup }) => checkup !== undefined,
    register: async (program, parts, { checkup }) => {
      if (checkup !== undefined) (await import('./verbs/doctor.ts')).registerDoctor(program, parts, checkup);
    },
  },
  config: {
    summary: 'about the configuration: check it',
    group: 'Run and keep:',
    register: async (program, parts) => {
      (await import('./verbs/config-check.ts')).registerConfigCheck(program, parts);
    },
  },
  db: {
    summary: 'about the index: check it, copy it',
    group: 'Run and keep:',
    register: async (program, parts) => {
      (await import('./verbs/db.ts')).registerDb(program, parts);
    },
  },
  sink: {
    summary: 'about the sinks of tickets: try one out',
    group: 'Run and keep:',
    isOffered: ({ testSink }) => testSink !== undefined,
    register: async (program, parts, { testSink }) => {
      if (testSink !== undefined) (await import('./verbs/sink-test.ts')).registerSinkTest(program, parts, testSink);
    },
  },
  completion: {
    summary: 'print a completion script for bash, zsh or fish',
    group: 'Help:',
    register: async (program, parts, _engines, wholeProgram) => {
      (await import('./verbs/completion.ts')).registerCompletion(program, parts, wholeProgram, knownCauses);
    },
  },
  man: {
    summary: 'print the man page',
    group: 'Help:',
    register: async (program, parts, _engines, wholeProgram) => {
      (await import('./verbs/man.ts')).registerMan(program, parts, wholeProgram, HELP_CLOSING);
    },
  },
  demo: {
    summary: 'run the daemon on the bundled captures, replayed',
    group: 'Run and keep:',
    hidden: true,
    isOffered: ({ startDemo }) => startDemo !== undefined,
    register: async (program, parts, { startDemo }) => {
      if (startDemo !== undefined) (await import('./verbs/demo.ts')).registerDemo(program, parts, startDemo);
    },
  },
};

/** The verb that a command line names, also as `help VERB`; null where it names none, for the help and for what to say of a misspelt one. */
export function namedVerb(args: readonly string[]): string | null {
  const words = args.filter((arg) => !arg.startsWith('-'));
  const named = (words[0] === 'help' ? words[1] : words[0]) ?? '';
  return Object.hasOwn(VERBS, named) ? named : null;
}
