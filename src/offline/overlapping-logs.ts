/** From the first to the last line of one of denokv's logs that has a time. */
export interface LogSpan {
  readonly file: string;
  readonly fromUs: number;
  readonly toUs: number;
}

/**
 * Says of denokv logs that cover the same time that they are joined as one. Logs that follow one another are a rotation and worth no word;
 * of two servers only the user knows whether one Postgres stands behind both.
 */
export function describeOverlaps(logs: readonly LogSpan[]): readonly string[] {
  const spans = [...logs].sort((a, b) => a.fromUs - b.fromUs);
  const found: string[] = [];
  for (const [index, later] of spans.entries()) {
    const earlier = spans[index - 1];
    // A rotation may fall inside one printed second, so touching is no overlap.
    if (earlier === undefined || earlier.toUs <= later.fromUs) continue;
    found.push(
      `${earlier.file} and ${later.file} are denokv logs of the same time, joined as if one Postgres stood behind both: ` +
        'where each server has its own, analyze them one by one',
    );
  }
  return found;
}
