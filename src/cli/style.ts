const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;

export type StyleName = keyof typeof CODES;

/** Dresses text that was escaped and measured already; `plain` leaves it as it is. */
export type Style = (name: StyleName, text: string) => string;

export const plain: Style = (_name, text) => text;

export const coloured: Style = (name, text) => {
  const [open, close] = CODES[name];
  return text === '' ? text : `\x1b[${String(open)}m${text}\x1b[${String(close)}m`;
};

/** Colour only where a person looks: a terminal, NO_COLOR unset or empty (no-color.org), not a dumb one, no `--no-color`. */
export function wantsColour(
  isTty: boolean,
  env: Readonly<Record<string, string | undefined>>,
  args: readonly string[],
): boolean {
  return isTty && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb' && !args.includes('--no-color');
}
