import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyze.ts';
import { goldenDroppedOf, logsOf, placeOf } from './captures.ts';

const AS_IT_IS = { timezone: null, linePrefix: null, sinceUs: null, untilUs: null };

describe('requests that got no answer', async () => {
  const golden = goldenDroppedOf('proxy-15');
  const { dropped, verdicts } = await analyze(logsOf('proxy-15'), AS_IT_IS);

  test('are all found, and nothing else is', () => {
    expect(dropped.map(({ symptom }) => placeOf(symptom))).toEqual(golden.map(({ symptom }) => placeOf(symptom)));
    expect(new Set(dropped.map(({ id }) => id)).size).toBe(golden.length);
  });

  test('are told apart: a panic from a denokv that was away', () => {
    expect(dropped.map(({ cause }) => cause.id)).toEqual(golden.map(({ cause }) => cause));
    for (const { cause } of dropped) expect(cause.confidence).toBeGreaterThan(0.9);
  });

  test('name request and operation', () => {
    expect(dropped.map(({ requestId, operation, status }) => [requestId, operation, status])).toEqual(
      golden.map(({ requestId, operation }) => [requestId, operation, 502]),
    );
  });

  test('have the panic behind them, each its own, and what it was about', () => {
    const panics = golden.flatMap(({ panic }) => (panic === null ? [] : [[panic.cause, placeOf(panic)]]));
    const said = dropped.filter(({ cause }) => cause.id === 'panic').map(({ root }) => [root?.cause, placeOf(root)]);
    expect(panics).toHaveLength(8);
    expect(said).toEqual(panics);
  });

  test('are no failures', () => {
    const ids = new Set(golden.map(({ requestId }) => requestId));
    expect(verdicts.filter(({ requestId }) => requestId !== null && ids.has(requestId))).toEqual([]);
  });

  test('of one panicking request are one episode', () => {
    const panics = dropped.filter(({ cause }) => cause.id === 'panic');
    expect(new Set(panics.map(({ episode }) => episode?.id)).size).toBe(1);
    expect(panics.map(({ episode }) => episode?.attempt)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });
});

test('a panic tells of a dropped request also where no proxy does', async () => {
  const { dropped } = await analyze(logsOf('stderr-15'), AS_IT_IS);
  expect(dropped.length).toBeGreaterThan(0);
  for (const { cause, root, symptom, status } of dropped) {
    expect(cause.id).toBe('panic');
    expect(status).toBeNull();
    expect(symptom.source).toBe('denokv');
    expect(root?.cause).toBe('corrupted_data');
  }
});
