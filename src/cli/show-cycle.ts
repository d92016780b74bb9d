import type { DeadlockParty, Verdict } from '../domain.ts';
import { escapeOnOneLine } from './escape.ts';
import type { Style } from './style.ts';
import { fitWidth, wrapLimited } from './text-width.ts';

interface CycleOptions {
  readonly width: number;
  readonly style: Style;
}

/** Lines that one statement may take. */
const STATEMENT_LINES = 3;
const INDENT = '  |   ';

/** A deadlock as a ring: each party with what it ran, the arrow to what it waits for, and the way back to the first. */
export function showCycle({ deadlock, postgres }: Verdict, { width, style }: CycleOptions): readonly string[] {
  const parties = deadlock?.parties ?? [];
  const first = parties[0];
  if (first === undefined) return [];
  return [
    style('bold', 'The cycle'),
    '  +-->',
    ...parties.flatMap((party) => showParty(party, party.pid === postgres?.pid, width, style)),
    `  +---  back to pid ${String(first.pid)}`,
  ];
}

function showParty(party: DeadlockParty, isVictim: boolean, width: number, style: Style): readonly string[] {
  const { pid, waitsFor, heldBy, statement, application } = party;
  const name = application === null ? '' : ` (${escapeOnOneLine(application)})`;
  const who = fitWidth(`  |   pid ${String(pid)}${name}${isVictim ? ', which Postgres ended' : ''}`, width);
  const ran = statement === null || statement.trim() === '' ? [] : [`ran: ${statement}`];
  const inner = width - INDENT.length - 2;
  return [
    style(isVictim ? 'red' : 'cyan', who),
    ...ran.flatMap((text) =>
      wrapLimited(escapeOnOneLine(text), inner, STATEMENT_LINES).map((line) => `${INDENT}  ${line}`),
    ),
    ...wrapLimited(
      escapeOnOneLine(`waits for ${waitsFor}, held by pid ${String(heldBy)}`),
      width - INDENT.length - 2,
      2,
    ).map((line, index) => (index === 0 ? `  v   ${line}` : `${INDENT}${line}`)),
  ];
}
