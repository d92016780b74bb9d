import { createDelayModel, widthOf, type DelayModel } from '../timing/delay.ts';
import type { Interval } from '../timing/interval.ts';
import { countWhile } from '../timing/partition.ts';
import { densestSpan, roughClockOffset } from './rough-clock-offset.ts';

/** How the proxy's clock stands to denokv's. */
export interface ProxyClock {
  /** How far it is ahead, microseconds. */
  readonly aheadUs: number;
  /** By so much that may be wrong either way. */
  readonly doubtUs: number;
}

interface Timed {
  readonly interval: Interval | null;
}

/** A failure, and how long after it the answers came that may be its own. */
interface Near {
  readonly widthUs: number;
  readonly answers: readonly { readonly afterUs: number; readonly widthUs: number }[];
}

export const ON_TIME: ProxyClock = { aheadUs: 0, doubtUs: 0 };

/** So many failures of all tell the distance, and so many pairs with an answer are weighed for each of some forty offsets. */
const MAX_SAMPLE = 300;
const MAX_PAIRS = 6000;
/** Of fewer nothing finer than the rough offset can be learned. */
const MIN_SAMPLE = 10;
/** What the rough offset may be off by. */
const ROUGH_US = 1_600_000;
/** An answer is logged so soon after its failure, but for stalls. */
export const LATE_US = 50_000;
/** A failure without an answer is as likely under one offset as under another, and by no more does one that meets a strange one speak for it. */
const WITHOUT_ANSWER = 0.01;
/**
 * Up to this a failure is believed to be on the proxy's clock, as a logarithm lost for want of an answer. A capture of 391 lost .0001 on one clock, .02 on one that
 * is .06 s ahead, .24 on one that is .4 s ahead.
 */
const ON_TIME_LOSS = 0.05;
/** So much likelier a failure must be under another offset than under none, and all together: some meet a strange answer by chance (.06 each, of two systems' logs). */
const MIN_GAIN = 0.08;
const MIN_GAIN_OF_ALL = 8;
/** What is less likely than the best by so much, as a logarithm, is not believed. */
const DISBELIEVED = 5;
/** Clocks are told apart no finer than this, and chances of whole steps are remembered. */
const STEP_US = 1000;

/**
 * The clock by which a proxy stamps its 500s, against that of the failures: without it each failure would count twice, once for each log. Roughly first, by
 * where answers are at all; then as the offset that makes the answers likeliest that follow the failures. Both in order of time.
 */
export function proxyClockOf(failures: readonly Timed[], responses: readonly Timed[]): ProxyClock {
  const answers = responses.flatMap(({ interval }) => interval ?? []);
  const told = evenly(
    failures.flatMap(({ interval }) => interval ?? []),
    MAX_SAMPLE,
  );
  const delay = createDelayModel();
  const asPrinted = nearOnes(told, answers, 0);
  if (lossOf(asPrinted, delay) <= ON_TIME_LOSS * asPrinted.length) return ON_TIME;
  const roughUs = roughClockOffset(failures, responses);
  const near = roughUs === 0 ? asPrinted : nearOnes(told, answers, roughUs);
  if (near.filter((one) => one.answers.length > 0).length < MIN_SAMPLE)
    return roughUs === 0 ? ON_TIME : { aheadUs: roughUs, doubtUs: ROUGH_US };
  const likelihoods = likelihoodsOf(near, delay);
  const [aheadUs, best] = likeliest(likelihoods);
  const gain = best - likelihoodOf(near, 0, delay);
  if (gain < Math.max(MIN_GAIN_OF_ALL, MIN_GAIN * near.length)) return ON_TIME;
  const believed = [...likelihoods].filter(([, likelihood]) => likelihood >= best - DISBELIEVED);
  return { aheadUs, doubtUs: Math.max(...believed.map(([us]) => Math.abs(us - aheadUs))) };
}

/** In order of their widths, of which the delay model remembers one at a time. */
function nearOnes(failures: readonly Interval[], answers: readonly Interval[], aheadUs: number): readonly Near[] {
  const near = failures.map(({ fromUs, toUs }) => {
    const from = countWhile(answers, (answer) => answer.fromUs < fromUs + aheadUs - ROUGH_US);
    const to = countWhile(answers, (answer) => answer.fromUs < toUs + aheadUs + ROUGH_US);
    const own = answers.slice(from, to).map((answer) => ({
      afterUs: wholeSteps(answer.fromUs - fromUs),
      widthUs: answer.toUs - answer.fromUs,
    }));
    return { widthUs: toUs - fromUs, answers: own };
  });
  const pairs = near.reduce((sum, one) => sum + one.answers.length, 0);
  const affordable = Math.ceil((near.length * MAX_PAIRS) / Math.max(MAX_PAIRS, pairs));
  return evenly(near, affordable).toSorted((a, b) => a.widthUs - b.widthUs);
}

/** For each offset tried, finer and finer around the likeliest, the logarithm of the chance of what is printed, were the proxy's clock so far ahead. */
function likelihoodsOf(near: readonly Near[], delay: DelayModel): ReadonlyMap<number, number> {
  const likelihoods = new Map<number, number>();
  let [fromUs, toUs] = stretchOf(near);
  for (let stepUs = wholeSteps((toUs - fromUs) / 12); ; stepUs = Math.max(STEP_US, wholeSteps(stepUs / 6))) {
    for (let us = fromUs; us <= toUs; us += stepUs)
      if (!likelihoods.has(us)) likelihoods.set(us, likelihoodOf(near, us, delay));
    if (stepUs === STEP_US) return likelihoods;
    const [bestUs] = likeliest(likelihoods);
    [fromUs, toUs] = [bestUs - stepUs, bestUs + stepUs];
  }
}

/** Within which the offset must lie. */
function stretchOf(near: readonly Near[]): [fromUs: number, toUs: number] {
  const widthUs = Math.max(...near.map((one) => one.widthUs + (one.answers[0]?.widthUs ?? 0)));
  const distances = near
    .flatMap(({ answers }, index) => answers.map(({ afterUs }) => ({ us: afterUs, index })))
    .sort((a, b) => a.us - b.us);
  const { fromUs } = densestSpan(distances, widthUs + LATE_US);
  return [wholeSteps(fromUs - LATE_US), wholeSteps(fromUs + widthUs + LATE_US)];
}

function likelihoodOf(near: readonly Near[], aheadUs: number, delay: DelayModel): number {
  return near.reduce((sum, one) => sum + Math.log(chanceOf(one, aheadUs, delay)), 0);
}

/** What is lost by failures without an answer where it should be; those with several do not make up for it. */
function lossOf(near: readonly Near[], delay: DelayModel): number {
  return near.reduce((sum, one) => sum + Math.max(0, -Math.log(chanceOf(one, 0, delay))), 0);
}

/** Against what it is at best, when an answer is printed where it must be. */
function chanceOf({ widthUs, answers }: Near, aheadUs: number, delay: DelayModel): number {
  let chance = WITHOUT_ANSWER;
  for (const answer of answers) {
    const fromUs = answer.afterUs - aheadUs;
    const atBest = Math.min(1, widthOf({ fromUs: 0, toUs: answer.widthUs }) / widthUs);
    chance += delay({ fromUs: 0, toUs: widthUs }, { fromUs, toUs: fromUs + answer.widthUs }) / atBest;
  }
  return chance;
}

function likeliest(likelihoods: ReadonlyMap<number, number>): readonly [us: number, likelihood: number] {
  let best: readonly [number, number] = [0, -Infinity];
  for (const one of likelihoods) if (one[1] > best[1]) best = one;
  return best;
}

function wholeSteps(us: number): number {
  return Math.round(us / STEP_US) * STEP_US;
}

/** So many of them, from all over. */
function evenly<T>(all: readonly T[], size: number): readonly T[] {
  if (all.length <= size) return all;
  const placeOf = (at: number): number => Math.floor((at * size) / all.length);
  return all.filter((_, at) => placeOf(at) !== placeOf(at - 1));
}
