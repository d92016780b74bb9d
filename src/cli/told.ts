import type { IncidentRecord } from '../domain.ts';

/** Beyond it the oldest are forgotten: what is revised is a minute old at most. */
const MAX_REMEMBERED = 10_000;

/** What a tail has printed, so that it prints a thing again only when that says something else. */
export class Told {
  /** By failure id: the line as it was last said; null when it was not one of those asked for. */
  readonly #lines = new Map<string, string | null>();
  readonly #incidents = new Set<string>();
  /** Of all failures that came by, ISO 8601 UTC. */
  newestAt: string | null = null;

  has(id: string): boolean {
    return this.#lines.has(id);
  }

  lineOf(id: string): string | null {
    return this.#lines.get(id) ?? null;
  }

  keep(id: string, at: string | null, line: string | null): void {
    this.#lines.set(id, line);
    if (at !== null && (this.newestAt === null || at > this.newestAt)) this.newestAt = at;
    forgetOldest(this.#lines);
  }

  /** An incident is told when it shows and when it is over; what it explains meanwhile is told failure by failure. */
  isNews({ id, endAt }: IncidentRecord): boolean {
    const telling = `${id} ${endAt === null ? 'open' : 'over'}`;
    if (this.#incidents.has(telling)) return false;
    this.#incidents.add(telling);
    forgetOldest(this.#incidents);
    return true;
  }
}

function forgetOldest(kept: { readonly size: number; keys(): Iterator<string>; delete(key: string): unknown }): void {
  const oldest = kept.keys().next();
  if (kept.size > MAX_REMEMBERED && oldest.done !== true) kept.delete(oldest.value);
}
