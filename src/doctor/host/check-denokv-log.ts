import { advice, counted, ok, problem, unseen, type Finding } from '../finding.ts';
import type { HostFacts, LogFacts } from './facts.ts';

const RUST_LOG = [
  'systemctl edit denokv  # then, in [Service]: Environment=RUST_LOG=info',
  '# in a container: RUST_LOG=info among its environment; then restart denokv',
];

/** What denokv's log keeps to itself. */
export function checkDenokvLog({ logs }: HostFacts): readonly Finding[] {
  const own = logs.filter(({ kind, detection }) => kind === 'denokv' && detection?.kind === 'denokv');
  if (own.length === 0) return [];
  const postgres = logs.filter(({ kind, detection }) => kind === 'postgres' && detection?.kind === 'postgres');
  return [checkStartup(own), checkErrors(own, postgres), ...checkApplication(own), checkPrecision(own)];
}

function names(logs: readonly LogFacts[]): string {
  return logs.map(({ name }) => name).join(', ');
}

function checkStartup(own: readonly LogFacts[]): Finding {
  const check = 'denokv.startup_line';
  if (own.some(({ digest }) => digest.startup !== null)) return ok(check, 'the start-up line says who denokv is');
  if (!own.every(({ isWhole }) => isWhole))
    return unseen(check, `no start-up line in the newest part of ${names(own)}`);
  return advice(check, {
    says: `${names(own)}: no start-up line`,
    why: 'user and database are learned from it; without it they have to be guessed from statements',
    change: [...RUST_LOG, "# or in whyd's configuration: identity: { user: ROLE, database: NAME }"],
  });
}

/** Postgres refused statements of denokv's, and denokv never said so. */
function checkErrors(own: readonly LogFacts[], postgres: readonly LogFacts[]): Finding {
  const check = 'denokv.error_lines';
  const told = own.reduce((sum, { digest }) => sum + digest.errors, 0);
  if (told > 0) return ok(check, `${counted(told, 'failure')} in the newest part of ${names(own)}`);
  const refused = postgres.reduce((sum, { digest }) => sum + digest.denokvErrors, 0);
  if (refused < MANY_REFUSED) return ok(check, 'nothing shows that failures are kept quiet');
  return problem(check, {
    says: `${names(own)} tells of no failure, while Postgres logged ${String(refused)} errors of denokv's statements`,
    why: 'failures have to be inferred from Postgres, and those that Postgres does not know of are not seen',
    change: [
      ...RUST_LOG,
      '# builds of some months in 2025 log no failure at all: update denokv, or follow the log of a proxy before it',
    ],
  });
}

/** Errors of background tasks and races at start-up are denokv's too, and no failures. */
const MANY_REFUSED = 5;

function checkApplication(own: readonly LogFacts[]): readonly Finding[] {
  const check = 'denokv.application_name_in_url';
  const startup = own.map(({ digest }) => digest.startup).findLast((found) => found !== null);
  if (startup?.backend !== 'postgres') return [];
  if (startup.application !== null) return [ok(check, `denokv calls itself ${startup.application}`)];
  return [
    advice(check, {
      says: "denokv's address of the database has no application_name",
      why: 'its sessions and log entries cannot be told from those of other programs on the same role',
      change: ['# add it to the address: postgresql://.../kv?application_name=denokv'],
    }),
  ];
}

function checkPrecision(own: readonly LogFacts[]): Finding {
  const check = 'denokv.precision';
  const coarse = own.filter(({ digest }) => digest.isCoarse);
  if (coarse.length === 0) return ok(check, 'times are finer than a second');
  return advice(check, {
    says: `${names(coarse)}: times in whole seconds`,
    why: 'failures of one second with the same words are guesses as to their line',
    change: [
      '# denokv prints no finer time; the journal and docker stamp each line themselves:',
      '  - { kind: denokv, journald: { unit: denokv.service } }',
    ],
  });
}
