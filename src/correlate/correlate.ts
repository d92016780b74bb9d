import type { DenokvIdentity, Dropped, Episode, Incident, Verdict } from '../domain.ts';
import { attemptOf, attemptOfDropped } from './attempts.ts';
import { offsetOfBareErrors } from './bare-clock-offset.ts';
import { candidatesOf } from './candidates.ts';
import { claimsOf, textOfClaim, type Claim } from './claims.ts';
import { estimateClockOffset } from './clock-offset.ts';
import { incidentsWithFailures } from './condition-incidents.ts';
import { coverageAt, firstEntryUs } from './coverage.ts';
import { diagnose } from './diagnose.ts';
import type { Diagnosis, Scene } from './diagnosis.ts';
import { droppedOf, isUnanswered } from './dropped.ts';
import { endedSessionsOf } from './ended-sessions.ts';
import { episodesOf } from './episodes.ts';
import { learnIdentity, type Identity, type IdentityHint } from './identity.ts';
import { incidentsOf } from './incidents.ts';
import { instancesOf } from './instances.ts';
import { readWait } from './lock-waits.ts';
import { ownersOf, Strangers } from './losers.ts';
import { matchClaims } from './matching.ts';
import type { Matching } from './match.ts';
import { proxyClockOffset } from './proxy-clock.ts';
import { matchRequests, refineByRequest, responsesOf, type Requests, type Response500 } from './requests.ts';
import { Sessions } from './sessions.ts';
import { inferredClaims, unloggedClaims } from './silent.ts';
import { textClasses } from './text-class.ts';
import { verdictOf } from './verdict.ts';
import { ordered, type Window } from './window.ts';

export interface Correlation {
  /** One for each 500 that denokv logged, in its order. */
  readonly verdicts: readonly Verdict[];
  /** The line behind each verdict, in the same order. */
  readonly symptoms: readonly Claim['event'][];
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
}

/**
 * Joins the failures of a window to their causes. A pure function of the set of events: their order of arrival has no part in it.
 * The steps are those of DESIGN: identity, one-to-one alignment, incidents, chain to the root; settling is the caller's.
 */
export function correlate(given: Window, options: CorrelateOptions = {}): Correlation {
  const window = ordered(given);
  const identity = learnIdentity(window, options.knownIdentities ?? [], options.identity ?? {});
  const told = claimsOf(window);
  const logged = told.filter(isFailure);
  const requests = matchRequests(logged, responsesOf(window));
  const claims = [
    ...told.map((claim) => refineByRequest(claim, requests.byClaim.get(claim))),
    ...unloggedClaims(requests.unlogged),
  ];
  const asPrinted = candidatesOf(window, identity, 0);
  const classes = textClasses(claims, asPrinted);
  const clockOffsetUs =
    estimateClockOffset(classes) ?? options.priorClockOffsetUs ?? offsetOfBareErrors(claims, asPrinted) ?? 0;
  const candidates = clockOffsetUs === 0 ? asPrinted : candidatesOf(window, identity, clockOffsetUs);
  const logsErrors = logged.length > 0 || options.logsErrors === true;
  const isSilentBuild = !logsErrors && !claims.some(isFailure) && window.coverage.denokv !== null;
  const inferred = isSilentBuild ? inferredClaims(candidates) : new Map<Claim, Matching>();
  const matchings = new Map<Claim, Matching>();
  for (const instance of instancesOf(window, claims, candidates)) {
    const isWhole = instance.claims === claims && instance.candidates === asPrinted;
    const own = isWhole ? classes : textClasses(instance.claims, instance.candidates);
    for (const [claim, matching] of matchClaims(instance, own)) matchings.set(claim, matching);
  }
  for (const [claim, matching] of inferred) matchings.set(claim, matching);
  const scene: Scene = {
    identity,
    incidents: incidentsOf(window, clockOffsetUs),
    sessions: new Sessions(window.postgres),
    endings: endedSessionsOf(candidates),
    hasPostgres: window.coverage.postgres !== null,
    logsLockWaits: window.postgres.some((entry) => entry.kind === 'postgres_context' && readWait(entry) !== null),
    logsErrors,
  };
  const owners = ownersOf(matchings);
  const strangers = new Strangers(window, identity, clockOffsetUs);
  const firstUs = firstEntryUs(window, clockOffsetUs);
  const requestIds = requestIdsOf(requests);
  const ordinals = new Ordinals();
  const failures = [...claims.filter(isFailure), ...inferred.keys()];
  const judged = failures.map((claim) => ({ claim, diagnosis: diagnose(claim, matchings.get(claim), scene) }));
  const verdicts = judged.map(({ claim, diagnosis }) => {
    const matching = matchings.get(claim);
    return verdictOf(claim, diagnosis, {
      matching,
      sessions: scene.sessions,
      owners,
      strangers,
      coverage: {
        denokv: coverageAt(window.coverage.denokv, null, claim.interval),
        postgres: coverageAt(window.coverage.postgres, firstUs, claim.interval),
      },
      settled: options.isSettled?.(claim.event, diagnosis) ?? true,
      requestId: requestIds.get(claim.event) ?? null,
      ordinal: ordinals.next(claim),
    });
  });
  const dropped = droppedOf(window, {
    sessions: scene.sessions,
    identity,
    clockOffsetUs,
    proxyOffsetUs: window.proxy.some(isUnanswered) ? proxyClockOffset(logged, responsesOf(window)) : 0,
  });
  const episodes = episodesOf(
    [
      ...judged.map((one, at) => attemptOf(one, verdicts[at], requests.byClaim.get(one.claim))),
      ...dropped.map(attemptOfDropped),
    ],
    options.knownEpisodes,
  );
  const explained = incidentsWithFailures(scene.incidents, judged, scene.sessions, clockOffsetUs);
  const idOf = new Map(judged.map(({ claim }, at) => [claim, verdicts[at]?.id]));
  const withEpisode = <T extends { readonly id: string }>(one: T): T & { readonly episode?: Episode } => {
    const episode = episodes.get(one.id);
    return episode === undefined ? one : { ...one, episode };
  };
  return {
    verdicts: verdicts.map(withEpisode),
    symptoms: failures.map(({ event }) => event),
    incidents: explained.map(({ incident }) => incident),
    incidentOf: new Map(
      // A failure under several (a full disk while the server went down) belongs to the first that began.
      explained.toReversed().flatMap(({ incident, members }) =>
        members.flatMap(({ claim }): [string, string][] => {
          const id = idOf.get(claim);
          return id === undefined ? [] : [[id, incident.id]];
        }),
      ),
    ),
    dropped: dropped.map((one) => withEpisode(one.dropped)),
    identity,
    clockOffsetUs,
  };
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
