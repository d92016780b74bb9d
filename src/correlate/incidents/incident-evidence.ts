import type { Core } from '../core.ts';
import type { Evidence, Incident } from '../../domain.ts';
import { englishOf } from '../causes/english.ts';
import { ownText } from '../../memo.ts';
import { countWhile } from '../timing/partition.ts';
import type { SessionEntry } from '../sessions/sessions.ts';
import { shortened } from '../identity/statements.ts';

/** An entry beside an incident that tells something of it. */
interface Sign {
  readonly rule: string;
  readonly weight: number;
  /** How long before the beginning it still counts; during the incident all do. */
  readonly beforeUs: number;
  /** Null: of every incident. */
  readonly causes: ReadonlySet<string> | null;
  readonly pattern: RegExp;
}

const SECOND_US = 1_000_000;
const AWAY: ReadonlySet<string> = new Set(['server_crash', 'server_shutdown', 'server_starting']);
const CRASH: ReadonlySet<string> = new Set(['server_crash']);
const SLOW: ReadonlySet<string> = new Set(['lock_pile_up', 'statement_timeout', 'disk_full']);

/** What Postgres says beside an incident, the most telling first. A setting that was changed just before is the likeliest reason there is. */
const SIGNS: readonly Sign[] = [
  {
    rule: 'parameter',
    weight: 3,
    beforeUs: 10 * SECOND_US,
    causes: null,
    pattern: /^parameter "[^"]+" (?:changed to|removed from)/,
  },
  {
    rule: 'siblings_ended',
    weight: 3,
    beforeUs: 0,
    causes: CRASH,
    pattern: /^terminating any other active server processes/,
  },
  { rule: 'transactions_aborted', weight: 2, beforeUs: 0, causes: AWAY, pattern: /^aborting any active transactions/ },
  { rule: 'shut_down', weight: 2, beforeUs: 0, causes: AWAY, pattern: /^database system is shut down/ },
  {
    rule: 'recovery',
    weight: 2,
    beforeUs: 0,
    causes: AWAY,
    pattern: /^(?:database system was (?:not properly shut down|interrupted)|redo done at)/,
  },
  {
    rule: 'reload',
    weight: 1,
    beforeUs: 10 * SECOND_US,
    causes: null,
    pattern: /^received SIGHUP, reloading configuration files/,
  },
  {
    rule: 'checkpoints',
    weight: 1,
    beforeUs: 30 * SECOND_US,
    causes: SLOW,
    pattern: /^checkpoints? (?:are occurring too frequently|starting: (?!shutdown|end-of-recovery))/,
  },
  {
    rule: 'autovacuum',
    weight: 1,
    beforeUs: 30 * SECOND_US,
    causes: SLOW,
    pattern: /^automatic (?:aggressive )?(?:vacuum|analyze) /,
  },
  { rule: 'temporary_file', weight: 1, beforeUs: 10 * SECOND_US, causes: SLOW, pattern: /^temporary file: path / },
];
/** So many of one kind are told; of more the number. */
const MAX_OF_RULE = 2;
/** How every sign begins: a storm's context entries are lock waits, nearly all of them. */
const BEGINNING = /^(?:parameter|terminating|aborting|database|redo|received|checkpoint|automatic|temporary)/;

/** A year of checkpoints; beyond it nobody counts. */
const MAX_SIGNS = 100_000;

interface Told {
  readonly says: string;
  readonly us: number;
}

/** Every entry of a log that is a sign, sought once: each of a storm's incidents asks for its own time. Of each what it says is kept. */
export class Signs {
  readonly #found = SIGNS.map((sign) => ({ sign, entries: [] as Told[] }));
  readonly #offsetUs: number;

  /** `offsetUs` was added to Postgres' clock to get the incidents'. */
  constructor(offsetUs: number) {
    this.#offsetUs = offsetUs;
  }

  /** Those of one part of a log; `entries` in order of time. */
  add(entries: readonly SessionEntry[], { fromUs, untilUs }: Core): void {
    for (const entry of entries) {
      if (entry.kind !== 'postgres_context' || entry.at === null) continue;
      const us = entry.at.us + this.#offsetUs;
      if (us < fromUs || us >= untilUs) continue;
      const text = englishOf(entry.message);
      if (!BEGINNING.test(text)) continue;
      for (const { sign, entries: own } of this.#found)
        if (sign.pattern.test(text) && own.length < MAX_SIGNS) own.push({ says: ownText(saysOf(entry)), us });
    }
  }

  /** What else the log tells of an incident's time. */
  beside({ cause, startUs, endUs }: Pick<Incident, 'cause' | 'startUs' | 'endUs'>): Evidence[] {
    const untilUs = (endUs ?? startUs + OPEN_US) + 1;
    return this.#found.flatMap(({ sign: { rule, weight, beforeUs, causes }, entries }) => {
      if (causes?.has(cause) === false) return [];
      const from = countWhile(entries, ({ us }) => us < startUs - beforeUs);
      const count = countWhile(entries, ({ us }) => us < untilUs) - from;
      const rest = count - MAX_OF_RULE;
      return [
        ...entries.slice(from, from + Math.min(count, MAX_OF_RULE)).map(({ says }) => ({ rule, weight, says })),
        ...(rest > 0 ? [{ rule, weight: 0, says: `and ${String(rest)} more such entries` }] : []),
      ];
    });
  }
}

/** An incident that goes on is looked at for so long. */
const OPEN_US = 60 * SECOND_US;

/** What the process that took the server down was doing; Postgres says so in the crash's DETAIL. */
export function crashEvidence({ message, detail }: SessionEntry): Evidence[] {
  const running = /: (.*)$/s.exec(detail ?? '')?.[1];
  return [
    ...(running === undefined
      ? []
      : [{ rule: 'crashed_statement', weight: 3, says: `the process that ended was running: ${shortened(running)}` }]),
    ...(/\bsignal 9\b/.test(englishOf(message))
      ? [
          {
            rule: 'signal_9',
            weight: 2,
            says: 'signal 9 comes from outside: an administrator, or the kernel when memory runs out (look for "Out of memory" in the kernel log)',
          },
        ]
      : []),
    {
      rule: 'silent_siblings',
      weight: 1,
      says: 'the other sessions were ended without an entry of their own: what they failed with rests on this one',
    },
  ];
}

function saysOf({ message, citation: { file, line } }: SessionEntry): string {
  return `${shortened(message)} (${file}:${String(line)})`;
}
