import type { Column, Skeleton } from './prefix-skeleton.ts';

/** How well another number counts the lines of the sessions that this one would tell apart, less how well this one does so for another; up to 50. */
export function lineNumbering({ columns }: Skeleton, column: Column): number {
  const others = columns.filter((other) => other !== column && other.kind === 'number');
  const best = (scores: readonly number[]): number => Math.max(0, ...scores);
  return 50 * (best(others.map((other) => numbering(other, column))) - best(others.map((o) => numbering(column, o))));
}

/** Less than what a session that goes on shows. */
const ALL_BEGIN = 0.9;

/**
 * The share of steps by one among the values of one session, and of sessions that begin with 1: pids go up by one too where many connect. Of sessions
 * that say one thing each (all connections are taken) only the latter is to be seen.
 */
function numbering(lines: Column, sessions: Column): number {
  const { steps, pairs, ones, starts } = stepsOf(lines.values, sessions.values);
  if (pairs === 0) return starts > 1 && ones === starts ? ALL_BEGIN : 0;
  return (steps / pairs + ones / starts) / 2;
}

/** `%l` grows by one from line to line of a session. */
export function countsUp({ values }: Column, pid: Column | undefined): boolean {
  const { steps, pairs } = stepsOf(values, pid?.values ?? []);
  return pairs >= 1 && steps / pairs > 0.6 && values.every((value) => value.length <= 9);
}

interface Steps {
  /** Values that follow another of the same key, and those among them that are one more than it. */
  readonly pairs: number;
  readonly steps: number;
  /** Keys, and those among them whose first value is 1. */
  readonly starts: number;
  readonly ones: number;
}

function stepsOf(values: readonly string[], keys: readonly string[]): Steps {
  const last = new Map<string, number>();
  let steps = 0;
  let ones = 0;
  for (const [index, value] of values.entries()) {
    const key = keys[index] ?? '';
    const before = last.get(key);
    if (before === undefined) ones += value === '1' ? 1 : 0;
    else if (Number(value) === before + 1) steps++;
    last.set(key, Number(value));
  }
  return { pairs: values.length - last.size, steps, starts: last.size, ones };
}
