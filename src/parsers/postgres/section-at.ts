import type { Section } from './labels.ts';

/** A section's label as English servers print it, with its colon and blanks. */
export interface SectionLabel {
  readonly label: string;
  readonly labelChars: number;
  readonly section: Section;
}

const labelled = (label: string, section: Section): SectionLabel => ({ label, labelChars: label.length, section });

/** By their first letter, which no two of them share. */
const BY_LETTER: readonly (SectionLabel | undefined)[] = (() => {
  const table: (SectionLabel | undefined)[] = Array.from({ length: 128 });
  for (const one of [
    labelled('STATEMENT:  ', 'statement'),
    labelled('DETAIL:  ', 'detail'),
    labelled('HINT:  ', 'hint'),
    labelled('CONTEXT:  ', 'context'),
    labelled('QUERY:  ', 'query'),
    labelled('LOCATION:  ', 'location'),
    labelled('BACKTRACE:  ', 'backtrace'),
  ])
    table[one.label.charCodeAt(0)] = one;
  return table;
})();

/** The section whose label stands at `from`; null for anything else. */
export function sectionAt(text: string, from: number): SectionLabel | null {
  const letter = text.charCodeAt(from);
  const known = letter < BY_LETTER.length ? BY_LETTER[letter] : undefined;
  return known !== undefined && text.startsWith(known.label, from) ? known : null;
}
