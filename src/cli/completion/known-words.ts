import type { CommandOutline } from '../command-outline.ts';

/** `mute` of `issues mute`. */
export function lastWord({ path }: CommandOutline): string {
  return path.split(' ').at(-1) ?? '';
}

/** The options that take a file, each once. */
export function fileOptions(commands: readonly CommandOutline[]): readonly string[] {
  const options = commands.flatMap((one) => one.options).filter(({ takesFile }) => takesFile);
  return [...new Set(options.map(({ long }) => long))];
}

/** The words that each option takes, where they are known. */
export function valueRows(
  commands: readonly CommandOutline[],
  causes: readonly string[],
): readonly (readonly [string, readonly string[]])[] {
  const rows = new Map<string, readonly string[]>([['--cause', causes]]);
  for (const { long, choices } of commands.flatMap((one) => one.options))
    if (choices.length > 0) rows.set(long, choices);
  return [...rows];
}
