import type { IncidentRecord, Verdict } from '../domain.ts';
import { escapeOnOneLine } from './escape.ts';
import type { Style } from './style.ts';
import { fitWidth } from './text-width.ts';
import { showParties, showPostgres, showRoot, showSymptom } from './verdict-lines.ts';
import {
  showCause,
  showCaveats,
  showEvidence,
  showHead,
  showIncidentOf,
  showRemedies,
  showRequest,
  showSurer,
  type Limits,
  type Section,
  type SectionOptions,
} from './verdict-sections.ts';

export interface VerdictOptions {
  /** Columns of the terminal; Infinity is taken as 100. */
  readonly columns: number;
  readonly zone: string;
  readonly style: Style;
  /** All evidence and remedies, and the lines' whole text. */
  readonly full: boolean;
  /** Lines of the same screen that are taken already. */
  readonly linesAbove?: number;
  /** The incident that the failure falls under, where one is known. */
  readonly incident?: IncidentRecord | null;
}

/** A screen of 24 lines, less the one that the next prompt takes. */
export const SCREEN_LINES = 23;
const WIDTH_WITHOUT_TERMINAL = 100;
const MIN_WIDTH = 40;
/** Longer lines than this tire the eye; a wider terminal gets a margin. */
const MAX_WIDTH = 120;

/** Where blank lines stand: before the answer, the lines that it rests on, and what to do; or between all blocks. */
type Air = 'none' | 'parts' | 'all';

interface Layout {
  readonly limits: Limits;
  readonly air: Air;
}

/** What a screen always has: whatever a log says, this fits it. */
const LEAST: Limits = {
  request: 0,
  summary: 2,
  symptom: 1,
  entry: 1,
  root: 1,
  parties: 0,
  evidence: 0,
  item: 3,
  remedies: 1,
  remedyItem: 6,
  surer: 2,
  reasons: false,
};

/** What is taken in after that, the most wanted first, each where it still fits. */
const WISHES: readonly (Partial<Limits> & { readonly air?: Air })[] = [
  { request: 3 },
  { summary: 4 },
  { parties: 1 },
  { parties: 2 },
  { entry: 2 },
  { root: 3 },
  { surer: 3 },
  { remedies: 2 },
  { summary: 6 },
  { air: 'parts' },
  { symptom: 2 },
  { evidence: 1 },
  { entry: 3 },
  { reasons: true },
  { evidence: 2 },
  { symptom: 3, root: 4 },
  { remedies: 3 },
  { evidence: 3 },
  { air: 'all' },
];

const EVERYTHING: Limits = {
  request: 20,
  summary: 100,
  symptom: 200,
  entry: 200,
  root: 200,
  parties: 0,
  evidence: 100,
  item: 20,
  remedies: 100,
  remedyItem: 20,
  surer: 20,
  reasons: true,
};

/** One verdict as lines: what failed, why, how sure, by which lines, what to do. Without `full` it fits a screen of 80 x 24. */
export function showVerdict(
  verdict: Verdict,
  { columns, zone, style, full, linesAbove = 0, incident = null }: VerdictOptions,
): readonly string[] {
  const width = screenWidth(columns);
  const build = (limits: Limits): readonly Block[] => showBlocks(verdict, incident, { width, zone, style, limits });
  if (full) return withAir(build(EVERYTHING), 'all');
  const more = style('dim', fitWidth(`more      whyd why ${escapeOnOneLine(verdict.id)} --full`, width));
  const draw = ({ limits, air }: Layout): readonly string[] => withAir([...build(limits), { lines: [more] }], air);
  let lines = draw({ limits: LEAST, air: 'none' });
  let taken: Layout = { limits: LEAST, air: 'none' };
  for (const { air = taken.air, ...wish } of WISHES) {
    const wished: Layout = { limits: { ...taken.limits, ...wish }, air };
    const drawn = draw(wished);
    if (drawn.length > SCREEN_LINES - linesAbove) continue;
    taken = wished;
    lines = drawn;
  }
  return lines;
}

/** Columns to draw a verdict for. */
export function screenWidth(columns: number): number {
  return Number.isFinite(columns) ? Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, columns)) : WIDTH_WITHOUT_TERMINAL;
}

interface Part {
  readonly show: (verdict: Verdict, options: SectionOptions, incident: IncidentRecord | null) => Section;
  readonly startsPart?: true;
}

const SECTIONS: readonly Part[] = [
  { show: showHead },
  { show: showRequest },
  { show: showCause, startsPart: true },
  { show: showSymptom, startsPart: true },
  { show: showPostgres },
  { show: showParties },
  { show: showRoot },
  { show: (_, options, incident) => showIncidentOf(incident, options) },
  { show: showEvidence },
  { show: showRemedies, startsPart: true },
  { show: showSurer },
  { show: showCaveats },
];

interface Block {
  readonly lines: Section;
  readonly startsPart?: true;
}

function showBlocks(verdict: Verdict, incident: IncidentRecord | null, options: SectionOptions): readonly Block[] {
  return SECTIONS.map(({ show, ...part }) => ({ ...part, lines: show(verdict, options, incident) })).filter(
    ({ lines }) => lines.length > 0,
  );
}

function withAir(blocks: readonly Block[], air: Air): readonly string[] {
  return blocks.flatMap(({ lines, startsPart = false }, index) => {
    const aired = air === 'all' || (air === 'parts' && startsPart);
    return index > 0 && aired ? ['', ...lines] : lines;
  });
}
