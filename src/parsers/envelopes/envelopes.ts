import { cri } from './cri.ts';
import { docker } from './docker.ts';
import type { Envelope } from './envelope.ts';
import { journal } from './journal.ts';

/** A new wrapping is one file and one entry here. */
export const ENVELOPES: readonly Envelope[] = [docker, journal, cri];

const MIN_SHARE = 0.5;

/** The wrapping that most of the sampled lines have; null for a plain file. */
export function detectEnvelope(lines: readonly string[]): Envelope | null {
  const sample = lines.filter((line) => line !== '').slice(0, 50);
  return ENVELOPES.find((envelope) => sample.filter((line) => envelope.unwrap(line) !== null).length > sample.length * MIN_SHARE) ?? null;
}
