/** Tells failures apart, names their cause in any language, and knows denokv's sessions from others. */
export const GOOD_PREFIX = '%m [%p] %l %e %x %q%u@%d ';

/** The escapes of a `log_line_prefix`: those of every line, and those behind %q, which background processes do not print. */
function escapesOf(prefix: string): {
  readonly everywhere: ReadonlySet<string>;
  readonly all: ReadonlySet<string>;
} {
  const names = [...prefix.matchAll(/%-?\d*([A-Za-z%])/g)].map(([, name]) => name ?? '');
  const stop = names.indexOf('q');
  return { everywhere: new Set(stop < 0 ? names : names.slice(0, stop)), all: new Set(names) };
}

export interface PrefixLack {
  /** Grave: answers are wrong or unsure without it. */
  readonly isGrave: boolean;
  readonly says: string;
  readonly why: string;
}

interface PrefixNeed extends PrefixLack {
  /** One of these does. */
  readonly oneOf: readonly string[];
  /** It has to stand before %q, because lines of background processes need it too. */
  readonly everywhere: boolean;
}

const NEEDS: readonly PrefixNeed[] = [
  {
    oneOf: ['m', 'n', 't'],
    everywhere: true,
    isGrave: true,
    says: 'no time in every line (%m)',
    why: 'without times nothing can be paired',
  },
  {
    oneOf: ['p', 'c'],
    everywhere: true,
    isGrave: true,
    says: 'no process id in every line (%p)',
    why: 'the lines of several sessions cannot be told apart, nor can a killed backend be found',
  },
  {
    oneOf: ['u'],
    everywhere: false,
    isGrave: true,
    says: 'no user (%u)',
    why: "errors of other programs cannot be told from denokv's",
  },
  {
    oneOf: ['d'],
    everywhere: false,
    isGrave: true,
    says: 'no database (%d)',
    why: "errors in other databases cannot be told from denokv's",
  },
  {
    oneOf: ['e'],
    everywhere: false,
    isGrave: false,
    says: 'no SQLSTATE (%e)',
    why: 'the cause has to be read from the words, which change with version and language',
  },
];

/** What a prefix lacks, the gravest first. */
export function lacksOf(prefix: string): readonly PrefixLack[] {
  const { everywhere, all } = escapesOf(prefix);
  const lacks: PrefixLack[] = NEEDS.filter(
    (need) => !need.oneOf.some((name) => (need.everywhere ? everywhere : all).has(name)),
  );
  const isCoarse = everywhere.has('t') && !everywhere.has('m') && !everywhere.has('n');
  return isCoarse ? [...lacks, WHOLE_SECONDS] : lacks;
}

const WHOLE_SECONDS: PrefixLack = {
  isGrave: true,
  says: 'whole seconds only (%t)',
  why: 'failures of one second with the same words are guesses as to their line',
};
