import type {
  DenokvEvent,
  DenokvNoteEvent,
  PostgresContextEvent,
  PostgresErrorEvent,
  ProxyResponseEvent,
} from '../domain.ts';
import { offsetOfBareErrors } from './clock/bare-clock-offset.ts';
import { ClockSample } from './clock/clock-sample.ts';
import { identityOf, SessionTally, type Identity, type IdentityHint } from './identity/identity.ts';
import { isLandmark } from './incidents/incidents.ts';
import { filesWrittenTogether } from './matching/interleaving.ts';
import { intervalOf, type Interval } from './timing/interval.ts';
import { proxyFactsOf, type ToldFailure } from './requests/behind-proxy.ts';
import type { Learned } from './learned.ts';
import { readWait } from './sessions/lock-waits.ts';
import { ownCopy } from './own-copy.ts';
import { inOrder } from './timing/order.ts';
import type { JoinedEvent } from './window.ts';

const MAX_LANDMARKS = 2000;
const MAX_STARTUPS = 1000;
/** More moments make no clock surer. */
const MAX_TIMES = 100_000;

interface Timed {
  readonly interval: Interval;
}

/**
 * What whole logs tell that a window of them may not, gathered event by event in any order; of the events themselves only those are kept that open and
 * close incidents, and the start-up lines.
 */
export class Survey {
  /** Entries that any window may rest on, however far they are: crashes, shutdowns, starts, and what the kernel said. */
  readonly landmarks: PostgresContextEvent[] = [];
  readonly startups: DenokvNoteEvent[] = [];
  readonly #tally = new SessionTally();
  readonly #sample = new ClockSample();
  readonly #spans = new Map<number, { fromUs: number; toUs: number }>();
  readonly #failures: (Timed & ToldFailure)[] = [];
  readonly #bare: Timed[] = [];
  readonly #answers: Timed[] = [];
  #logsErrors = false;
  #logsLockWaits = false;
  #showsContext = false;
  #firstEntryUs: number | null = null;

  add(event: JoinedEvent): void {
    if (event.kind === 'proxy_response') this.#addResponse(event);
    else if (event.kind === 'denokv_error' || event.kind === 'denokv_note') this.#addOfDenokv(event);
    else this.#addEntry(event);
  }

  learned(configured: IdentityHint): Learned {
    const startups = inOrder(this.startups).flatMap(({ identity }) => identity ?? []);
    const identity = identityOf(startups, this.#tally.counts, configured);
    const clockOffsetUs = this.#sample.offsetUs(identity) ?? this.#bareOffsetUs(identity) ?? 0;
    const filesTogether = filesWrittenTogether(this.#spans);
    return {
      identity,
      clockOffsetUs,
      proxy: proxyFactsOf(inTime(this.#failures), inTime(this.#answers), filesTogether),
      isProxied: this.#answers.length > 0,
      logsErrors: this.#logsErrors,
      logsLockWaits: this.#logsLockWaits,
      showsContext: this.#showsContext,
      firstEntryUs: this.#firstEntryUs === null ? null : this.#firstEntryUs + clockOffsetUs,
      filesTogether,
    };
  }

  #bareOffsetUs(identity: Identity): number | null {
    return offsetOfBareErrors(inTime(this.#bare), inTime(this.#sample.entriesOf(identity)));
  }

  #addResponse({ status, at }: ProxyResponseEvent): void {
    if (status === 500 && at !== null && this.#answers.length < MAX_TIMES)
      this.#answers.push({ interval: intervalOf(at) });
  }

  #addOfDenokv(event: DenokvEvent): void {
    if (event.kind === 'denokv_note' && event.identity !== null && this.startups.length < MAX_STARTUPS)
      this.startups.push(ownCopy(event));
    const { at, body, citation } = event;
    if (event.kind === 'denokv_error') this.#logsErrors = true;
    if (at === null || body === null) return;
    const interval = intervalOf(at);
    const span = this.#spans.get(citation.fileId);
    if (span === undefined) this.#spans.set(citation.fileId, { fromUs: at.us, toUs: at.us });
    else {
      span.fromUs = Math.min(span.fromUs, at.us);
      span.toUs = Math.max(span.toUs, at.us);
    }
    if (body.kind === 'server') this.#sample.addTold(body.error, interval);
    if (body.kind === 'bare' && this.#bare.length < MAX_TIMES) this.#bare.push({ interval });
    if (event.kind === 'denokv_error' && this.#failures.length < MAX_TIMES)
      this.#failures.push({ interval, fileId: citation.fileId });
  }

  #addEntry(entry: PostgresErrorEvent | PostgresContextEvent): void {
    this.#tally.add(entry);
    if (entry.context !== null) this.#showsContext = true;
    const { at } = entry;
    if (at !== null && entry.format !== 'kernel' && (this.#firstEntryUs === null || at.us < this.#firstEntryUs))
      this.#firstEntryUs = at.us;
    if (entry.kind === 'postgres_error') {
      if (at !== null) this.#sample.addLogged(entry, intervalOf(at));
      return;
    }
    if (!this.#logsLockWaits && readWait(entry) !== null) this.#logsLockWaits = true;
    if ((entry.format === 'kernel' || isLandmark(entry)) && this.landmarks.length < MAX_LANDMARKS)
      this.landmarks.push(ownCopy(entry));
  }
}

function inTime<T extends Timed>(all: readonly T[]): readonly T[] {
  return all.toSorted((a, b) => a.interval.fromUs - b.interval.fromUs);
}
