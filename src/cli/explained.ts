import type { Remedy, Verdict } from '../domain.ts';

export interface DeadlockParty {
  readonly pid: number;
  readonly waitsFor: string;
  readonly heldBy: number;
  readonly statement: string | null;
  readonly application: string | null;
}

/** A verdict with what only some have: the cycle of a deadlock, the row of retries, and what would have made the answer surer. */
export type Explained = Omit<Verdict, 'alternatives'> & {
  readonly alternatives: readonly (Verdict['alternatives'][number] & { readonly why?: string })[];
  readonly deadlock?: { readonly parties: readonly DeadlockParty[] };
  readonly episode?: { readonly id: string; readonly attempt: number };
  readonly notAvailable?: readonly string[];
  readonly wouldHelp?: Remedy;
};
