import type { ProxyResponseEvent } from '../../domain.ts';

/** What a proxy adds on the way back, and what two hosts' clocks may differ by. */
const RELAYED_US = 1_000_000;
/** So many attempts under one id may be on their way at once. */
const MAX_ATTEMPTS = 16;

/**
 * Each request once, where proxies that stand one behind the other give their logs and pass its id on: as the first one to end it saw it, which is the nearest
 * to denokv. An id that comes again in one log, or much later, is another attempt's. In order of time.
 */
export function withoutRelays(responses: readonly ProxyResponseEvent[]): readonly ProxyResponseEvent[] {
  const fileId = responses[0]?.citation.fileId;
  if (responses.every(({ citation }) => citation.fileId === fileId)) return responses;
  /** By id: the answers that another log may still tell of, each with the logs that did. */
  const told = new Map<string, { readonly first: ProxyResponseEvent; readonly fileIds: Set<number> }[]>();
  return responses.filter((response) => {
    if (response.requestId === null) return true;
    const known = told.get(response.requestId) ?? [];
    const relayed = known.find(
      ({ first, fileIds }) => !fileIds.has(response.citation.fileId) && isSameAnswer(first, response),
    );
    relayed?.fileIds.add(response.citation.fileId);
    if (relayed !== undefined) return false;
    told.set(response.requestId, [
      ...known.slice(1 - MAX_ATTEMPTS),
      { first: response, fileIds: new Set([response.citation.fileId]) },
    ]);
    return true;
  });
}

function isSameAnswer(a: ProxyResponseEvent, b: ProxyResponseEvent): boolean {
  if (a.at === null || b.at === null || a.status !== b.status || a.operation !== b.operation) return false;
  return Math.abs(a.at.us - b.at.us) <= RELAYED_US;
}
