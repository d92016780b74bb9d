import { describe, expect, it } from 'vitest';
import { correlate } from '../../src/correlate/correlate.ts';
import { episodesOf, type Attempt } from '../../src/correlate/requests/episodes.ts';
import type { Verdict } from '../../src/domain.ts';
import { logsOf } from '../golden/captures.ts';
import { START_US } from './events.ts';
import { eventsOf, windowOf } from './window-of.ts';

const S = 1_000_000;

function attempt(id: string, seconds: number, more: Partial<Attempt> & { readonly widthUs?: number } = {}): Attempt {
  const { widthUs = 1000, ...rest } = more;
  const fromUs = START_US + Math.floor((seconds * S) / widthUs) * widthUs;
  const interval = { fromUs, toUs: fromUs + widthUs };
  return { id, key: 'k', isTelling: false, interval, durationUs: null, waited: false, ...rest };
}

/** Which failures are one request: their names joined, those alone left out. */
function rows(attempts: readonly Attempt[], known?: Parameters<typeof episodesOf>[1]): string[] {
  const byEpisode = new Map<string, string[]>();
  for (const [id, episode] of episodesOf(attempts, known)) {
    const members = byEpisode.get(episode.id) ?? [];
    members[episode.attempt - 1] = id;
    byEpisode.set(episode.id, members);
  }
  return [...byEpisode.values()].filter((members) => members.length > 1).map((members) => members.join(''));
}

describe('retries by the clock', () => {
  it('are one episode, a quarter of a second apart', () => {
    expect(rows([attempt('a', 1), attempt('b', 1.25), attempt('c', 1.5), attempt('d', 1.79)])).toEqual(['abcd']);
  });

  it('end where the client has stopped', () => {
    const times = [1, 1.25, 1.5, 4, 4.25, 4.5];
    expect(rows(times.map((time, at) => attempt('abcdef'[at] ?? '', time)))).toEqual(['abc', 'def']);
  });

  it('of two clients with their steps apart are two episodes', () => {
    const times = [1, 1.1, 1.25, 1.35, 1.5, 1.6];
    expect(rows(times.map((time, at) => attempt('axbycz'[at] ?? '', time)))).toEqual(['abc', 'xyz']);
  });

  it('of clients in step are none: nobody can say whose is whose', () => {
    const times = [1, 1.01, 1.25, 1.26, 1.5, 1.51];
    expect(rows(times.map((time, at) => attempt('abcdef'[at] ?? '', time)))).toEqual([]);
  });

  it('of two are an accident, unless the DETAIL names their row', () => {
    expect(rows([attempt('a', 1), attempt('b', 1.25)])).toEqual([]);
    const telling = { isTelling: true };
    expect(rows([attempt('a', 1, telling), attempt('b', 1.25, telling)])).toEqual(['ab']);
  });

  it('keep what differs apart', () => {
    const times = [1, 1.25, 1.5, 1.75, 2, 2.25];
    expect(rows(times.map((time, at) => attempt('abcdef'[at] ?? '', time, { key: String(at % 2) })))).toEqual([]);
  });

  it.each([
    ['known', { durationUs: 2 * S }, 2.25],
    ['unknown, of a timeout', { waited: true }, 1.2],
  ])('count from the answer to the next request where that took long: %s', (_, more, step) => {
    const times = [1, 1 + step, 1 + 2 * step];
    expect(rows(times.map((time, at) => attempt('abc'[at] ?? '', time, more)))).toEqual(['abc']);
    expect(rows(times.map((time, at) => attempt('abc'[at] ?? '', time)))).toEqual([]);
  });

  it('of ten thousand in one second cost no more than to sort them', () => {
    const many = Array.from({ length: 10_000 }, (_, n) => attempt(`f${String(n)}`, 1 + n / 10_000));
    expect(rows(many)).toEqual([]);
    expect(episodesOf(many).size).toBe(10_000);
  });
});

describe('retries in whole seconds', () => {
  const second = (id: string, seconds: number): Attempt => attempt(id, seconds, { widthUs: S });

  it('are one episode at the pace of one client', () => {
    const times = [1.1, 1.4, 1.6, 1.9, 2.1, 2.4, 2.7, 2.9];
    expect(rows(times.map((time, at) => second('abcdefgh'[at] ?? '', time)))).toEqual(['abcdefgh']);
  });

  it('are none at the pace of two, nor in the seconds beside', () => {
    const times = [1.8, 1.9, ...Array.from({ length: 8 }, (_, n) => 2 + n / 8), 3.05, 3.1];
    expect(rows(times.map((time, at) => second('abcdefghijkl'[at] ?? '', time)))).toEqual([]);
  });

  it('are none at the pace of nobody: one a second is no retry', () => {
    expect(rows([1, 2, 3, 4, 5].map((time, at) => second('abcde'[at] ?? '', time)))).toEqual([]);
  });
});

it('goes on with the numbers of an earlier window', () => {
  const known = new Map([['c', { id: 'e_old', attempt: 7 }]]);
  const episodes = episodesOf([attempt('c', 1), attempt('d', 1.25)], known);
  expect(episodes.get('d')).toEqual({ id: 'e_old', attempt: 8 });
});

describe('in captures', async () => {
  const { verdicts } = correlate(windowOf(await eventsOf(logsOf('csvlog-16'))));
  const byEpisode = new Map<string, Verdict[]>();
  for (const verdict of verdicts) {
    const id = verdict.episode?.id ?? '';
    byEpisode.set(id, [...(byEpisode.get(id) ?? []), verdict]);
  }
  const episodes = [...byEpisode.values()].filter((members) => members.length > 1);

  it('found ones are about one thing each', () => {
    expect(episodes.length).toBeGreaterThan(3);
    for (const members of episodes) {
      expect(new Set(members.map(({ issue, operation }) => `${issue} ${String(operation)}`)).size).toBe(1);
      expect(members.map(({ episode }) => episode?.attempt)).toEqual(members.map((_, at) => at + 1));
    }
  });

  it('every failure has its number', () => {
    for (const { episode } of verdicts) expect(episode?.attempt).toBeGreaterThan(0);
  });
});
