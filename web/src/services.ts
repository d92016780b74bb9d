import { createContext } from 'preact';
import { useContext, useEffect, useRef, useState } from 'preact/hooks';
import type { ApiClient } from './api-client.ts';
import type { LiveEvent, LiveEventType, LiveFeed } from './live/live-feed.ts';
import type { LiveState } from './live/live-stream.ts';

export interface Services {
  readonly api: ApiClient;
  readonly live: LiveFeed;
  /** Told when the daemon refuses the token. */
  readonly onDenied: () => void;
}

const ServicesContext = createContext<Services | null>(null);

export const ServicesProvider = ServicesContext.Provider;

export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (services === null) throw new Error('used outside of the signed-in part of the page');
  return services;
}

/** Calls the newest `listener` for live events of these types. */
export function useLiveEvents(types: readonly LiveEventType[], listener: (event: LiveEvent) => void): void {
  const { live } = useServices();
  const newest = useRef(listener);
  newest.current = listener;
  const key = types.join(' ');
  useEffect(
    () =>
      live.onEvent((event) => {
        if (key.split(' ').includes(event.type)) newest.current(event);
      }),
    [live, key],
  );
}

export function useLiveState(): { readonly state: LiveState; readonly lostSinceMs: number | null } {
  const { live } = useServices();
  const [, setTurn] = useState(0);
  useEffect(
    () =>
      live.onState(() => {
        setTurn((turn) => turn + 1);
      }),
    [live],
  );
  return { state: live.state, lostSinceMs: live.lostSinceMs };
}

/** The time, told again every so often, so that "3 min ago" stays true. */
export function useNow(intervalMs: number): number {
  const [nowMs, setNowMs] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => {
      setNowMs(Date.now());
    }, intervalMs);
    return () => {
      clearInterval(timer);
    };
  }, [intervalMs]);
  return nowMs;
}
