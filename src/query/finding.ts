import type { Verdict, WhyMatch } from '../domain.ts';

/** What one reading of the question found. */
export interface Finding {
  readonly how: WhyMatch['how'];
  readonly total: number;
  readonly found: readonly { readonly verdict: Verdict; readonly distanceMs: number | null }[];
}
