import { align, weightOf, type AlignmentProblem } from '../matching/align.ts';
import { answerAlignment } from '../requests/answer-alignment.ts';
import { createDelayModel } from '../timing/delay.ts';
import type { Interval } from '../timing/interval.ts';
import { countWhile } from '../timing/partition.ts';
import { roughClockOffset } from './rough-clock-offset.ts';

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

interface Told {
  readonly interval: Interval;
}

/** Failures without a pause in between, and the answers that may be theirs. */
interface Stretch {
  readonly failures: readonly Told[];
  readonly answers: readonly Told[];
}

export const ON_TIME: ProxyClock = { aheadUs: 0, doubtUs: 0 };

/** So many failures in so many rows of neighbours tell the distance. */
const MAX_STRETCHES = 4;
const MAX_STRETCH = 100;
/** Of fewer nothing finer than the rough offset can be learned. */
const MIN_SAMPLE = 10;
/** What the rough offset may be off by. */
const ROUGH_US = 1_600_000;
/** An answer is logged so soon after its failure, but for stalls. */
export const LATE_US = 50_000;
/** Answers are looked for so far beyond a stretch. */
const MARGIN_US = ROUGH_US + 3_000_000;
/** The clocks agree where none of these offsets, either way, is so much likelier, as a logarithm. */
const GLANCES_US = [8000, 32_000, 128_000, 512_000] as const;
const MIN_GAIN = 8;
/** Finer and finer around the likeliest; no finer than two clocks of one host may disagree. */
const STEPS_US = [200_000, 40_000, 8000, 2000] as const;
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
  const fits = new Fits(stretchesOf(told, answers, roughUs));
  if (roughUs === 0) {
    const onTime = fits.at(0);
    if (GLANCES_US.every((us) => Math.max(fits.at(us), fits.at(-us)) < onTime + MIN_GAIN)) return ON_TIME;
  }
  let [fromUs, toUs] = [roughUs - ROUGH_US, roughUs + ROUGH_US];
  for (const stepUs of STEPS_US) {
    for (let us = fromUs; us <= toUs; us += stepUs) fits.at(us);
    [fromUs, toUs] = [fits.best.us - stepUs, fits.best.us + stepUs];
  }
  const { us, fit } = fits.best;
  if (roughUs === 0 && (fit < fits.at(0) + MIN_GAIN || fits.answeredShare(us) < MIN_ANSWERED)) return ON_TIME;
  return fits.believed;
}

/** How well failures and answers fit under each offset that was tried, as a logarithm. */
class Fits {
  readonly #stretches: readonly Stretch[];
  readonly #delay = createDelayModel();
  readonly #tried = new Map<number, number>();

  constructor(stretches: readonly Stretch[]) {
    this.#stretches = stretches;
  }

  at(us: number): number {
    let fit = this.#tried.get(us);
    if (fit === undefined) {
      fit = this.#stretches.reduce((sum, stretch) => sum + weightOf(this.#problem(stretch, us)), 0);
      this.#tried.set(us, fit);
    }
    return fit;
  }

  get best(): { readonly us: number; readonly fit: number } {
    let best = { us: 0, fit: -Infinity };
    for (const [us, fit] of this.#tried) if (fit > best.fit) best = { us, fit };
    return best;
  }

  /** The middle of what is to be believed, and how far it reaches. */
  get believed(): ProxyClock {
    const { fit: best } = this.best;
    const offsets = [...this.#tried].flatMap(([us, fit]) => (fit >= best - DISBELIEVED ? us : []));
    const [fromUs, toUs] = [Math.min(...offsets), Math.max(...offsets)];
    return { aheadUs: (fromUs + toUs) / 2, doubtUs: (toUs - fromUs) / 2 };
  }

  answeredShare(us: number): number {
    let answered = 0;
    let all = 0;
    for (const stretch of this.#stretches) {
      answered += align(this.#problem(stretch, us)).rowShares.reduce((sum, share) => sum + share, 0);
      all += stretch.failures.length;
    }
    return answered / all;
  }

  #problem({ failures, answers }: Stretch, us: number): AlignmentProblem {
    const shifted = answers.map(({ interval: { fromUs, toUs } }) => ({
      interval: { fromUs: fromUs - us, toUs: toUs - us },
    }));
    return answerAlignment(failures, shifted, this.#delay);
  }
}

/** From all over the log. */
function stretchesOf(failures: readonly Told[], answers: readonly Told[], roughUs: number): readonly Stretch[] {
  const count = failures.length <= MAX_STRETCH * MAX_STRETCHES ? 1 : MAX_STRETCHES;
  return Array.from({ length: count }, (_, at) => {
    const first = Math.floor((failures.length * at) / count);
    const own = failures.slice(first, count === 1 ? undefined : first + MAX_STRETCH);
    const fromUs = (own[0]?.interval.fromUs ?? 0) + roughUs - MARGIN_US;
    const toUs = (own.at(-1)?.interval.toUs ?? 0) + roughUs + MARGIN_US;
    const begin = countWhile(answers, ({ interval }) => interval.fromUs < fromUs);
    return {
      failures: own,
      answers: answers.slice(
        begin,
        countWhile(answers, ({ interval }) => interval.fromUs < toUs),
      ),
    };
  });
}

function hasTime(timed: Timed): timed is Told {
  return timed.interval !== null;
}
