import type { DenokvIdentity, Dropped, Episode, Incident, Verdict } from '../domain.ts';
import { attemptOf, attemptOfDropped } from './requests/attempts.ts';
import { offsetOfBareErrors } from './clock/bare-clock-offset.ts';
import { candidatesOf } from './matching/candidates.ts';
import { claimsOf, textOfClaim, type Claim } from './matching/claims.ts';
import { estimateClockOffset } from './clock/clock-offset.ts';
import { aroundCore, EVERYTHING, isWithin, type Core } from './core.ts';
import { coverageAt, firstEntryUs } from './coverage.ts';
import { diagnose } from './diagnosis/diagnose.ts';
import type { Diagnosis, Scene } from './diagnosis/diagnosis.ts';
import { droppedOf } from './requests/dropped.ts';
import { EndNotices } from './sessions/end-notices.ts';
import { endedSessionsOf } from './sessions/ended-sessions.ts';
import { episodesOf } from './requests/episodes.ts';
import { learnIdentity, type Identity, type IdentityHint } from './identity/identity.ts';
import { IncidentBook } from './incidents/incident-book.ts';
import { incidentsOf } from './incidents/incidents.ts';
import { instancesOf } from './matching/instances.ts';
import { filesWrittenTogether, spansOf } from './matching/interleaving.ts';
import type { Learned } from './learned.ts';
import { readWait } from './sessions/lock-waits.ts';
import { ownersOf, Strangers } from './diagnosis/losers.ts';
import { matchClaims } from './matching/matching.ts';
import type { Matching } from './matching/match.ts';
import { proxyFactsOf, type ToldFailure } from './requests/behind-proxy.ts';
import { matchRequests, refineByRequest, responsesOf, type Requests, type Response500 } from './requests/requests.ts';
import { Sessions } from './sessions/sessions.ts';
import { inferredClaims, unloggedClaims } from './matching/silent.ts';
import { textClasses } from './matching/text-class.ts';
import { judged, verdictOf, type JudgedFailure } from './verdict.ts';
import { ordered, type Window } from './window.ts';

/** A failure of a window that was put down to something. */
export interface JoinedFailure {
  readonly id: string;
  /** The line that shows it. */
  readonly symptom: Claim['event'];
  readonly isSettled: boolean;
  readonly episode: Episode | undefined;
  /** Dressed when it is asked for: who only wants what is new does not pay for the rest of the window. */
  readonly verdict: () => Verdict;
}

export interface Correlation {
  /** One for each 500 that denokv logged, in its order, then those that it did not log. */
  readonly failures: readonly JoinedFailure[];
  /** Those of the failures, all of them. */
  readonly verdicts: readonly Verdict[];
  readonly incidents: readonly Incident[];
  /** By failure id: the incident that explains it. */
  readonly incidentOf: ReadonlyMap<string, string>;
  /** Requests that got no answer; they are no failures. */
  readonly dropped: readonly Dropped[];
  readonly identity: Identity;
  /** What is added to Postgres' times to bring them to denokv's clock, microseconds. */
  readonly clockOffsetUs: number;
}

export interface CorrelateOptions {
  /** What the user configured; it outweighs what the logs say. */
  readonly identity?: IdentityHint;
  /** Start-up lines from before the window. */
  readonly knownIdentities?: readonly DenokvIdentity[];
  /** The clock offset found in an earlier window, for one that holds too little to find it again. */
  readonly priorClockOffsetUs?: number;
  /** An error line of denokv's stood before the window: this build logs its errors, so nothing is inferred from their absence. */
  readonly logsErrors?: boolean;
  /** Episodes that were given out in an earlier window, by failure: a row of retries may be longer than a window. */
  readonly knownEpisodes?: ReadonlyMap<string, Episode>;
  /** Whether both logs have been read far enough past a failure's time for what was found; without it, all are settled. */
  readonly isSettled?: (symptom: Claim['event'], diagnosis: Diagnosis) => boolean;
  /** From this moment on the window holds all that was logged and that a failure may rest on; incidents are told by those failures only. */
  readonly wholeFromUs?: number;
  /** What the whole logs told, of which the window is a part; without it, the window tells. */
  readonly learned?: Learned;
  /** The part of the window that is to be answered, on denokv's clock; the rest is there for it to rest on. */
  readonly core?: Core;
  /** Where incidents are gathered that go on from window to window; without it, they end with the window. */
  readonly incidents?: IncidentBook<JudgedFailure>;
}

/**
 * Joins the failures of a window to their causes. A pure function of the set of events: their order of arrival has no part in it.
 * The steps are those of DESIGN: identity, one-to-one alignment, incidents, chain to the root; settling is the caller's.
 */
export function correlate(given: Window, options: CorrelateOptions = {}): Correlation {
  const window = ordered(given);
  const { core = EVERYTHING, learned } = options;
  const identity = learned?.identity ?? learnIdentity(window, options.knownIdentities ?? [], options.identity ?? {});
  const told = claimsOf(window);
  const logged = told.filter(isFailure);
  const responses = responsesOf(window, learned?.isProxied);
  const together = learned?.filesTogether ?? filesWrittenTogether(spansOf(told));
  const proxy = learned?.proxy ?? proxyFactsOf(logged.map(toldFailure), responses, together);
  const requests = matchRequests(logged, responses, proxy);
  const claims = [
    ...told.map((claim) => refineByRequest(claim, requests.byClaim.get(claim))),
    ...unloggedClaims(requests.unlogged),
  ];
  const asPrinted = candidatesOf(window, identity, learned?.clockOffsetUs ?? 0, options);
  const classes = textClasses(claims, asPrinted);
  const clockOffsetUs =
    learned?.clockOffsetUs ??
    estimateClockOffset(classes) ??
    options.priorClockOffsetUs ??
    offsetOfBareErrors(claims.filter(isBare), asPrinted) ??
    0;
  const isAsPrinted = learned !== undefined || clockOffsetUs === 0;
  const candidates = isAsPrinted ? asPrinted : candidatesOf(window, identity, clockOffsetUs, options);
  const logsErrors = learned?.logsErrors ?? (logged.length > 0 || options.logsErrors === true);
  const isSilentBuild = !logsErrors && !claims.some(isFailure) && window.coverage.denokv !== null;
  const inferred = isSilentBuild ? inferredClaims(candidates, learned !== undefined) : new Map<Claim, Matching>();
  const matchings = new Map<Claim, Matching>();
  for (const instance of instancesOf(window, claims, candidates)) {
    const isWhole = instance.claims === claims && instance.candidates === asPrinted;
    const own = isWhole ? classes : textClasses(instance.claims, instance.candidates);
    for (const [claim, matching] of matchClaims(instance, own, together)) matchings.set(claim, matching);
  }
  for (const [claim, matching] of inferred) matchings.set(claim, matching);
  const sessions = new Sessions(window.postgres);
  const scene: Scene = {
    identity,
    incidents: incidentsOf(window, clockOffsetUs),
    sessions,
    endings: endedSessionsOf(candidates),
    notices: new EndNotices(window.denokv),
    hasPostgres: window.coverage.postgres !== null,
    logsLockWaits: learned?.logsLockWaits ?? window.postgres.some(isLockWait),
    logsErrors,
  };
  const owners = ownersOf(matchings);
  const strangers = new Strangers(window, identity, clockOffsetUs, core);
  const firstUs = learned === undefined ? firstEntryUs(window, clockOffsetUs) : learned.firstEntryUs;
  const requestIds = requestIdsOf(requests);
  const ordinals = new Ordinals();
  const around = aroundCore(core);
  const all = [...claims.filter(isFailure), ...inferred.keys()]
    .filter((claim) => isWithin(around, claim, learned))
    .map((claim) => judged(claim, diagnose(claim, matchings.get(claim), scene), ordinals.next(claim)));
  const failures = options.core === undefined ? all : all.filter(({ claim }) => isWithin(core, claim, learned));
  const { wholeFromUs = EVERYTHING.fromUs } = options;
  const settled = new Set(
    failures.filter(({ claim, diagnosis }) => options.isSettled?.(claim.event, diagnosis) ?? true),
  );
  const dropped = droppedOf(window, {
    sessions,
    identity,
    clockOffsetUs,
    proxyOffsetUs: proxy.clock.aheadUs,
  });
  const episodes = episodesOf(
    [...all.map((one) => attemptOf(one, requests.byClaim.get(one.claim))), ...dropped.map(attemptOfDropped)],
    options.knownEpisodes,
  );
  const book = options.incidents ?? new IncidentBook<JudgedFailure>({ isKept: true, clockOffsetUs });
  // What a failure is put down to before it is final may be another thing a second later, and an incident that was told stays told.
  book.add(
    [...settled].filter(({ claim: { event } }) => (event.at?.us ?? wholeFromUs) >= wholeFromUs),
    all,
    scene,
  );
  book.signs.add(window.postgres, core);
  const joined = failures.map((failure): JoinedFailure => {
    const { id, claim } = failure;
    const matching = matchings.get(claim);
    const isSettled = settled.has(failure);
    const episode = episodes.get(id);
    const coverage = {
      denokv: coverageAt(window.coverage.denokv, null, claim.interval),
      postgres: coverageAt(window.coverage.postgres, firstUs, claim.interval),
    };
    const requestId = requestIds.get(claim.event) ?? null;
    const facts = { matching, sessions, owners, strangers, coverage, settled: isSettled, requestId, episode };
    return { id, symptom: claim.event, isSettled, episode, verdict: () => verdictOf(failure, facts) };
  });
  const explained = options.incidents === undefined ? book.close(scene.incidents) : [];
  let verdicts: readonly Verdict[] | null = null;
  return {
    failures: joined,
    get verdicts() {
      return (verdicts ??= joined.map(({ verdict }) => verdict()));
    },
    incidents: explained.map(({ incident }) => incident),
    incidentOf: new Map(
      // A failure under several (a full disk while the server went down) belongs to the first that began.
      explained
        .toReversed()
        .flatMap(({ incident, members }) => members.map(({ id }): [string, string] => [id, incident.id])),
    ),
    dropped: dropped
      .filter(({ event }) => options.core === undefined || isWithin(core, { event, interval: null }, learned))
      .map((one) => {
        const episode = episodes.get(one.dropped.id);
        return episode === undefined ? one.dropped : { ...one.dropped, episode };
      }),
    identity,
    clockOffsetUs,
  };
}

function isBare({ body, interval }: Claim): boolean {
  return body.kind === 'bare' && interval !== null;
}

function isLockWait(entry: Window['postgres'][number]): boolean {
  return entry.kind === 'postgres_context' && readWait(entry) !== null;
}

function toldFailure({ event, interval }: Claim): ToldFailure {
  return { fileId: event.citation.fileId, interval };
}

function isFailure({ role }: Claim): boolean {
  return role === 'failure';
}

/** By the line that shows the failure: a logged one is more likely than not this request's, a silent one is its own. */
function requestIdsOf({ byClaim, unlogged }: Requests): Map<Claim['event'], string | null> {
  const ids = new Map<Claim['event'], string | null>();
  for (const [claim, { response, probability }] of byClaim)
    if (probability >= 0.5) ids.set(claim.event, requestIdOf(response));
  for (const response of unlogged) ids.set(response.event, requestIdOf(response));
  return ids;
}

function requestIdOf({ event }: Response500): string | null {
  return event.kind === 'proxy_response' ? event.requestId : null;
}

/** How many lines of the same time and words came before. */
class Ordinals {
  readonly #byTime = new Map<number | undefined, Map<string, number>>();

  next(claim: Claim): number {
    const us = claim.event.at?.us;
    let byText = this.#byTime.get(us);
    if (byText === undefined) this.#byTime.set(us, (byText = new Map<string, number>()));
    const text = textOfClaim(claim);
    const ordinal = byText.get(text) ?? 0;
    byText.set(text, ordinal + 1);
    return ordinal;
  }
}
