import { align, weightOf, type AlignmentProblem } from '../matching/align.ts';
import { answerAlignment, BYPASSES_PROXY, UNLOGGED_PER_SECOND } from '../requests/answer-alignment.ts';
import { createDelayModel, widthOf } from '../timing/delay.ts';
import type { Interval, Timed } from '../timing/interval.ts';
import { countWhile } from '../timing/partition.ts';
import { densestSpan, evenly, roughClockOffset } from './rough-clock-offset.ts';

/** How the proxy's clock stands to denokv's. */
export interface ProxyClock {
  /** How far it is ahead, microseconds. */
  readonly aheadUs: number;
  /** By so much that may be wrong either way. */
  readonly doubtUs: number;
}

interface Told {
  readonly interval: Interval;
}

export const ON_TIME: ProxyClock = { aheadUs: 0, doubtUs: 0 };

/** So many rows of so many neighbours tell the distance. */
const MAX_STRETCHES = 4;
const MAX_STRETCH = 150;
/** So many failures show where answers are densest. */
const MAX_SAMPLE = 300;
/** Of fewer nothing finer than the rough offset can be learned. */
const MIN_SAMPLE = 10;
/** What the rough offset may be off by. */
const ROUGH_US = 1_600_000;
/** Where failures are frequent, one that is so far off leaves most of them near some answer, and no rough offset is found. */
const HIDDEN_US = 8_000_000;
/** An answer is logged so soon after its failure, but for stalls. */
export const LATE_US = 50_000;
/** An answer that comes later tells nothing of the clocks. */
const SOON_US = 100_000;
/** The clocks agree where all failures find an answer, and would under none of these offsets, either way, so much likelier, as a logarithm. */
const ALL_ANSWERED = 0.98;
const GLANCES_US = [8000, 32_000, 128_000] as const;
const MIN_GAIN = 8;
/** Finer and finer around the likeliest; hardly finer than two clocks of one host may disagree. */
const STEPS_US = [200_000, 50_000, 12_500, 3000] as const;
/** A chance fit may be better than the true one's neighbours, so that around several a better one is looked for. */
const MAX_RANGES = 4;
/** Of two systems that have nothing to do with each other fewer failures find an answer. */
const MIN_ANSWERED = 0.5;
/** What is less likely than the best by so much, as a logarithm, is not believed. */
const DISBELIEVED = 5;

/**
 * The clock by which a proxy stamps its 500s, against that of the failures: without it each failure would count twice, once for each log. Roughly first, by
 * where answers are at all; then as the offset under which failures and answers, one to one and in their order, fit best. Both in order of time.
 *
 * Of a capture of 391 failures in whole seconds the fit falls by 36 where the proxy is .03 s behind and by 78 where it is .06 s ahead, as logarithms, and by
 * 16 between .02 and .03 s: it is the seconds that hold more failures than answers which tell. Where each failure was asked for any answer near it, not for
 * one of its own, such a proxy was not told from one on time.
 */
export function proxyClockOf(failures: readonly Timed[], responses: readonly Timed[]): ProxyClock {
  const told = failures.filter(hasTime);
  const answers = responses.filter(hasTime);
  const roughUs = roughClockOffset(failures, responses);
  if (told.length < MIN_SAMPLE || answers.length < MIN_SAMPLE)
    return roughUs === 0 ? ON_TIME : { aheadUs: roughUs, doubtUs: ROUGH_US };
  const fits = new Fits(told, answers);
  if (roughUs === 0 && fits.answeredShare(0) >= ALL_ANSWERED && fits.isBestNear(0)) return ON_TIME;
  for (const reachUs of roughUs === 0 ? [ROUGH_US, HIDDEN_US] : [ROUGH_US]) {
    const within = around(roughUs, reachUs);
    fits.search(isFine(told, answers) ? densest(told, answers, within) : within);
    if (fits.answeredShare(fits.best.us) >= ALL_ANSWERED) break;
  }
  const { us, fit } = fits.best;
  if (roughUs === 0 && (fit < fits.at(0) + MIN_GAIN || fits.answeredShare(us) < MIN_ANSWERED)) return ON_TIME;
  return fits.believed;
}

function around(us: number, reachUs: number): Interval {
  return { fromUs: us - reachUs, toUs: us + reachUs };
}

function isFine(failures: readonly Told[], answers: readonly Told[]): boolean {
  return [failures, answers].every(([first]) => first !== undefined && widthOf(first.interval) < LATE_US);
}

/** Where both print fractions, offsets fit only that are nearly right, and would be missed: those are tried under which most failures have an answer behind them. */
function densest(failures: readonly Told[], answers: readonly Told[], within: Interval): Interval {
  const distances = evenly(failures, MAX_SAMPLE).flatMap(({ interval: { fromUs } }, index) => {
    const from = countWhile(answers, ({ interval }) => interval.fromUs < fromUs + within.fromUs);
    const to = countWhile(answers, ({ interval }) => interval.fromUs < fromUs + within.toUs);
    return answers.slice(from, to).map(({ interval }) => ({ us: interval.fromUs - fromUs, index }));
  });
  const { fromUs } = densestSpan(
    distances.sort((a, b) => a.us - b.us),
    LATE_US,
  );
  return { fromUs: fromUs - LATE_US, toUs: fromUs + LATE_US };
}

/** How well failures and answers fit under each offset that was tried, as a logarithm. */
class Fits {
  readonly #stretches: readonly (readonly Told[])[];
  readonly #answers: readonly Told[];
  readonly #failuresBetween: number;
  readonly #perSecond: number;
  readonly #delay = createDelayModel();
  readonly #tried = new Map<number, number>();

  constructor(failures: readonly Told[], answers: readonly Told[]) {
    this.#stretches = stretchesOf(failures);
    this.#answers = answers;
    const within = sumOf(this.#stretches, ({ length }) => length);
    this.#failuresBetween = failures.length - within;
    this.#perSecond = (within * 1_000_000) / sumOf(this.#stretches, (stretch) => widthOf(spanOf(stretch)));
  }

  at(us: number): number {
    let fit = this.#tried.get(us);
    if (fit === undefined) this.#tried.set(us, (fit = this.#fitOf(us)));
    return fit;
  }

  get best(): { readonly us: number; readonly fit: number } {
    let best = { us: 0, fit: -Infinity };
    for (const [us, fit] of this.#tried) if (fit > best.fit) best = { us, fit };
    return best;
  }

  search(within: Interval): void {
    let ranges: readonly Interval[] = [within];
    for (const stepUs of STEPS_US) {
      for (const { fromUs, toUs } of ranges) for (let us = fromUs; us <= toUs; us += stepUs) this.at(us);
      const best = [...this.#tried].sort(([, a], [, b]) => b - a).slice(0, stepUs === STEPS_US[0] ? MAX_RANGES : 1);
      ranges = best.map(([us]) => around(us, stepUs));
    }
  }

  isBestNear(us: number): boolean {
    const needed = this.at(us) + MIN_GAIN;
    return GLANCES_US.every((glanceUs) => this.at(us - glanceUs) < needed && this.at(us + glanceUs) < needed);
  }

  /** The middle of what is to be believed, and how far it reaches. */
  get believed(): ProxyClock {
    const { fit: best } = this.best;
    const offsets = [...this.#tried].flatMap(([us, fit]) => (fit >= best - DISBELIEVED ? us : []));
    const [fromUs, toUs] = [Math.min(...offsets), Math.max(...offsets)];
    return { aheadUs: (fromUs + toUs) / 2, doubtUs: (toUs - fromUs) / 2 };
  }

  answeredShare(us: number): number {
    const answered = sumOf(this.#stretches, (stretch) =>
      sumOf([...align(this.#problem(stretch, us)).rowShares], (share) => share),
    );
    return answered / sumOf(this.#stretches, ({ length }) => length);
  }

  /**
   * Between the stretches failures and answers are only counted, as if they came evenly. Were they not, an offset would fit the better the more answers it had to
   * choose from within the stretches, or the fewer that had to fit there.
   */
  #fitOf(us: number): number {
    const problems = this.#stretches.map((stretch) => this.#problem(stretch, us));
    const within = sumOf(problems, ({ columns }) => columns);
    const surplus = this.#answers.length - within - this.#failuresBetween;
    const unlogged = Math.min(0, Math.log(UNLOGGED_PER_SECOND / this.#perSecond));
    const between = surplus > 0 ? surplus * unlogged : -surplus * Math.log(BYPASSES_PROXY);
    return sumOf(problems, weightOf) + within * unlogged + between;
  }

  #problem(failures: readonly Told[], us: number): AlignmentProblem {
    const { fromUs, toUs } = spanOf(failures);
    const middleUs = ({ interval }: Told): number => (interval.fromUs + interval.toUs) / 2 - us;
    const first = countWhile(this.#answers, (answer) => middleUs(answer) < fromUs);
    const end = countWhile(this.#answers, (answer) => middleUs(answer) < toUs);
    const own = this.#answers.slice(first, end).map(({ interval }) => ({
      interval: { fromUs: interval.fromUs - us, toUs: interval.toUs - us },
    }));
    return answerAlignment(failures, own, this.#delay, SOON_US);
  }
}

function spanOf(failures: readonly Told[]): Interval {
  return { fromUs: failures[0]?.interval.fromUs ?? 0, toUs: failures.at(-1)?.interval.toUs ?? 0 };
}

/** From all over the log, each of whole printed times: part of a second would have answers of the other part's. */
function stretchesOf(failures: readonly Told[]): readonly (readonly Told[])[] {
  if (failures.length <= MAX_STRETCH * MAX_STRETCHES) return [failures];
  return Array.from({ length: MAX_STRETCHES }, (_, at) => {
    const first = firstOfItsTime(failures, Math.floor((failures.length * at) / MAX_STRETCHES));
    const end = firstOfItsTime(failures, first + MAX_STRETCH);
    return failures.slice(first, end === first ? first + MAX_STRETCH : end);
  });
}

function firstOfItsTime(failures: readonly Told[], at: number): number {
  const us = failures[at]?.interval.fromUs ?? Infinity;
  return countWhile(failures, ({ interval }) => interval.fromUs < us);
}

function sumOf<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((sum, one) => sum + of(one), 0);
}

function hasTime(timed: Timed): timed is Told {
  return timed.interval !== null;
}
