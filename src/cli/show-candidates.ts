import type { WhyMatch } from '../domain.ts';
import { escapeOnOneLine } from './escape.ts';
import { formatShare, formatTime } from './format.ts';
import { CERTAINTY_STYLE, type LineOptions } from './show-line.ts';
import { fitWidth, textWidth } from './text-width.ts';

type Options = Pick<LineOptions, 'columns' | 'zone' | 'style'>;

const INDENT = '  ';
const WIDTH_WITHOUT_TERMINAL = 100;
/** With more candidates than this, three lines for each would run out of the screen. */
const ROOMY = 6;

/** Failures to choose from, the best first: what each was, the lines it rests on, and the id to ask by. */
export function showCandidates(matches: readonly WhyMatch[], options: Options): readonly string[] {
  return matches.flatMap((match) => showCandidate(match, matches.length <= ROOMY, options));
}

function showCandidate(
  { verdict, same }: WhyMatch,
  roomy: boolean,
  { columns, zone, style }: Options,
): readonly string[] {
  const width = Number.isFinite(columns) ? columns : WIDTH_WITHOUT_TERMINAL;
  const { id, at, atPrecision, operation, cause, symptom, postgres, root } = verdict;
  const code = cause.sqlstate === null ? '' : ` ${cause.sqlstate}`;
  const more = same === 0 ? '' : `  and ${String(same)} more like it`;
  const sure = `  ${cause.certainty} ${formatShare(cause.confidence)}`;
  const what = `${formatTime(at, atPrecision, zone)}  ${operation ?? 'request'}  ${escapeOnOneLine(cause.id + code)}`;
  const head = fitWidth(what, width - sure.length);
  const left = width - textWidth(head) - sure.length;
  const place = [
    `${symptom.file}:${String(symptom.line)}`,
    postgres === null
      ? null
      : `${postgres.file}:${String(postgres.line)}${postgres.pid === null ? '' : ` pid ${String(postgres.pid)}`}`,
  ];
  const object = objectOf(verdict);
  const inner = width - INDENT.length;
  const places = place.filter((part) => part !== null).join(' <- ');
  const about = root === null ? cause.summary : `${cause.summary} - ${root.cause}: ${root.text}`;
  return [
    `${style('bold', head)}${style(CERTAINTY_STYLE[cause.certainty], sure)}${style('dim', fitWidth(more, left))}`,
    INDENT +
      fitWidth(
        `${escapeOnOneLine(id)}  ${escapeOnOneLine(object ?? '')}  ${escapeOnOneLine(places)}`.replace(/ {3,}/, '  '),
        inner,
      ),
    ...(roomy ? [INDENT + style('dim', fitWidth(escapeOnOneLine(about), inner))] : []),
  ];
}

/** The relation, constraint or column that the texts name first, as Postgres quotes it. */
function objectOf({ symptom, postgres }: WhyMatch['verdict']): string | null {
  return /"([^"]{1,63})"/.exec(postgres?.text ?? symptom.text)?.[1] ?? null;
}
