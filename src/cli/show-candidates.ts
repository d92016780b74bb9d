import type { Verdict, WhyMatch } from '../domain.ts';
import { escapeOnOneLine } from './escape.ts';
import { formatShare, formatTime } from './format.ts';
import { shortenPlace } from './shorten-path.ts';
import { CERTAINTY_STYLE, type LineOptions } from './show-line.ts';
import { fitWidth, textWidth, wrapLimited } from './text-width.ts';

interface Options extends Pick<LineOptions, 'columns' | 'zone' | 'style'> {
  /** Lines that there are for all of them. */
  readonly lines: number;
}

const INDENT = '  ';
const WIDTH_WITHOUT_TERMINAL = 100;

interface Room {
  /** Lines of the reason. */
  readonly summary: number;
  readonly places: boolean;
  /** The error's text on a line of its own, or behind the command. */
  readonly text: 'line' | 'beside';
}

/** What each candidate may take, the roomiest first: the list is to stay on one screen. */
const ROOMS: readonly Room[] = [
  { summary: 2, places: true, text: 'line' },
  { summary: 1, places: true, text: 'line' },
  { summary: 0, places: true, text: 'line' },
  { summary: 0, places: false, text: 'line' },
];
const TIGHT: Room = { summary: 0, places: false, text: 'beside' };

/** Failures to choose from, the best first: what each was and says, the lines it rests on, and what to type for the whole of it. */
export function showCandidates(matches: readonly WhyMatch[], options: Options): readonly string[] {
  const draw = (room: Room): readonly string[] => matches.flatMap((match) => showCandidate(match, room, options));
  for (const room of ROOMS) {
    const drawn = draw(room);
    if (drawn.length <= options.lines) return drawn;
  }
  return draw(TIGHT);
}

function showCandidate({ verdict, same }: WhyMatch, room: Room, { columns, zone, style }: Options): readonly string[] {
  const width = Number.isFinite(columns) ? columns : WIDTH_WITHOUT_TERMINAL;
  const inner = width - INDENT.length;
  const { id, at, atPrecision, operation, cause } = verdict;
  const code = cause.sqlstate === null ? '' : ` ${cause.sqlstate}`;
  const alike = same === 0 ? '' : `  +${String(same)} alike`;
  const what = `${formatTime(at, atPrecision, zone)}  ${operation ?? 'request'}  ${escapeOnOneLine(cause.id + code)}`;
  const share = `, ${formatShare(cause.confidence)}`;
  const hasRoom = textWidth(`${what}  ${cause.certainty}${share}${alike}`) <= width;
  const sure = cause.certainty === 'unknown' ? '' : `  ${cause.certainty}${hasRoom ? share : ''}`;
  const head = fitWidth(what, width - textWidth(sure + alike));
  const text = escapeOnOneLine(textOf(verdict));
  const ask = `whyd why ${escapeOnOneLine(id)}`;
  const summary = room.summary === 0 ? [] : wrapLimited(escapeOnOneLine(cause.summary), inner, room.summary);
  return [
    style('bold', head) + style(CERTAINTY_STYLE[cause.certainty], sure) + style('dim', alike),
    ...summary.map((line) => INDENT + line),
    ...(room.text === 'line' ? [INDENT + fitWidth(text, inner)] : []),
    ...(room.places ? [INDENT + style('cyan', showPlaces(verdict, inner))] : []),
    INDENT + fitWidth(room.text === 'line' ? ask : `${ask}  ${text}`, inner),
  ];
}

/** denokv's line and, after the arrow, the entry or the root that it rests on. */
function showPlaces({ symptom, postgres, root }: Verdict, width: number): string {
  const own = (columns: number): string => shortenPlace(escapeOnOneLine(symptom.file), symptom.line, columns);
  const behind = postgres ?? root;
  if (behind === null) return fitWidth(own(width), width);
  const arrow = ' <- ';
  const half = Math.floor((width - arrow.length) / 2);
  const left = own(half);
  const right = shortenPlace(escapeOnOneLine(behind.file), behind.line, width - textWidth(left) - arrow.length);
  return fitWidth(left + arrow + right, width);
}

/** What every error of denokv's begins with; what tells one from another comes after it. */
const WRAPPERS =
  /^(?:Database error: |Connection failed: |Failed to get connection: |Error occurred while creating a new object: |db error: )+/;

function textOf({ symptom, postgres }: Verdict): string {
  return postgres?.text ?? symptom.text.replace(WRAPPERS, '');
}
