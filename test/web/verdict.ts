import type { Verdict } from '../../src/domain.ts';

/** A verdict with nothing remarkable about it. */
export function verdict(id: string, at = '2026-11-23T10:22:05.000Z'): Verdict {
  return {
    kind: 'failure',
    id,
    at,
    atPrecision: 'second',
    status: 500,
    operation: 'atomic_write',
    requestId: null,
    symptom: {
      source: 'denokv',
      file: 'denokv.log',
      line: 7,
      byteStart: 0,
      byteEnd: 9,
      text: 'Database error: deadlock',
    },
    cause: {
      id: 'deadlock',
      category: 'deadlock',
      sqlstate: '40P01',
      summary: 'Two transactions waited for each other',
      confidence: 0.995,
      certainty: 'certain',
    },
    postgres: {
      file: 'postgresql.log',
      line: 12,
      byteStart: 0,
      byteEnd: 9,
      pid: 42,
      at,
      confidence: 0.97,
      text: 'ERROR:  deadlock detected',
    },
    alternatives: [],
    root: null,
    evidence: [{ rule: 'same_text', weight: 4.2, says: 'both logs have the same words' }],
    remedies: [{ do: 'Try again.', why: 'It usually passes.' }],
    coverage: { denokv: 'complete', postgres: 'complete', settled: true },
    issue: 'i_1',
  };
}
