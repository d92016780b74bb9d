import type { JSX } from 'preact';
import type { LiveState } from './live/live-stream.ts';
import { useLiveState, useNow, useServices } from './services.ts';
import { formatSpan } from './text/format.ts';

const WORDS: Readonly<Record<LiveState, { readonly mark: string; readonly text: string }>> = {
  connecting: { mark: '◌', text: 'connecting' },
  live: { mark: '●', text: 'live' },
  lost: { mark: '▲', text: 'not connected' },
  denied: { mark: '▲', text: 'signed out' },
  paused: { mark: '◌', text: 'paused' },
};

export function LiveStatus(): JSX.Element {
  const { state, lostSinceMs } = useLiveState();
  // While it is lost, each attempt to connect is no news.
  const shown = state === 'connecting' && lostSinceMs !== null ? 'lost' : state;
  const { mark, text } = WORDS[shown];
  return (
    <span class={`live live-${shown}`} role="status">
      <span aria-hidden="true">{mark} </span>
      {text}
    </span>
  );
}

/** A single lost connection is soon made again; only what lasts is worth a banner. */
const GRACE_MS = 2_000;

/** Says that what is shown may be old, and since when. */
export function LostBanner(): JSX.Element | null {
  const { live } = useServices();
  const { lostSinceMs } = useLiveState();
  const nowMs = useNow(1_000);
  if (lostSinceMs === null || nowMs - lostSinceMs < GRACE_MS) return null;
  return (
    <div class="banner" role="alert">
      <p>
        <b>whyd does not answer.</b> What is shown here is{' '}
        {formatSpan(Math.floor((nowMs - lostSinceMs) / 1_000) * 1_000)} old. It is tried again by itself; failures are
        kept in the logs meanwhile and are read when the daemon is back.
      </p>
      <button
        type="button"
        onClick={() => {
          live.retry();
        }}
      >
        Try now
      </button>
    </div>
  );
}
