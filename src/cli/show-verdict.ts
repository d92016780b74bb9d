import type { Verdict } from '../domain.ts';
import type { Style } from './style.ts';
import {
  showCause,
  showCaveats,
  showEvidence,
  showHead,
  showPostgres,
  showRemedies,
  showRoot,
  showSurer,
  showSymptom,
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
}

/** A screen of 24 lines, less the one that the next prompt takes. */
const SCREEN_LINES = 23;
const WIDTH_WITHOUT_TERMINAL = 100;
const MIN_WIDTH = 40;

/** From roomy to tight; the first that fits the screen is taken. Remedies are whole in all of them. */
const WHOLE_REMEDY = 6;
const SCREENS: readonly Limits[] = [
  { summary: 3, text: 3, evidence: 3, remedies: 3, item: 3, remedyItem: WHOLE_REMEDY, reasons: true },
  { summary: 3, text: 2, evidence: 3, remedies: 2, item: 2, remedyItem: WHOLE_REMEDY, reasons: true },
  { summary: 3, text: 2, evidence: 2, remedies: 2, item: 2, remedyItem: WHOLE_REMEDY, reasons: false },
  { summary: 3, text: 2, evidence: 2, remedies: 1, item: 1, remedyItem: WHOLE_REMEDY, reasons: true },
  { summary: 2, text: 2, evidence: 1, remedies: 1, item: 1, remedyItem: WHOLE_REMEDY, reasons: false },
];
/** Whatever a log says, this never exceeds the screen: heads and hint with all sections at their longest. */
const TIGHT: Limits = { summary: 2, text: 1, evidence: 1, remedies: 1, item: 1, remedyItem: 5, reasons: false };
const EVERYTHING: Limits = {
  summary: 100,
  text: 200,
  evidence: 100,
  remedies: 100,
  item: 20,
  remedyItem: 20,
  reasons: true,
};

/** One verdict as lines: what failed, why, how sure, by which lines, what to do. Without `full` it fits a screen of 80 x 24. */
export function showVerdict(verdict: Verdict, { columns, zone, style, full }: VerdictOptions): readonly string[] {
  const width = screenWidth(columns);
  const build = (limits: Limits): readonly Section[] => showSections(verdict, { width, zone, style, limits });
  const everything = build(EVERYTHING);
  if (full) return withBlankLines(everything);
  const fitting = SCREENS.map(build).find((sections) => countLines(sections) < SCREEN_LINES) ?? build(TIGHT);
  const isShortened = countLines(fitting) < countLines(everything);
  const sections = isShortened ? [...fitting, [style('dim', 'more with --full')]] : fitting;
  const hasRoom = countLines(sections) + sections.length - 1 <= SCREEN_LINES;
  return hasRoom ? withBlankLines(sections) : sections.flat();
}

/** Columns to draw a verdict for. */
export function screenWidth(columns: number): number {
  return Number.isFinite(columns) ? Math.max(MIN_WIDTH, columns) : WIDTH_WITHOUT_TERMINAL;
}

function showSections(verdict: Verdict, options: SectionOptions): readonly Section[] {
  const shows = [
    showHead,
    showCause,
    showSymptom,
    showPostgres,
    showRoot,
    showEvidence,
    showRemedies,
    showSurer,
    showCaveats,
  ];
  return shows.map((show) => show(verdict, options)).filter((section) => section.length > 0);
}

function countLines(sections: readonly Section[]): number {
  return sections.reduce((sum, section) => sum + section.length, 0);
}

function withBlankLines(sections: readonly Section[]): readonly string[] {
  return sections.flatMap((section, index) => (index === 0 ? section : ['', ...section]));
}
