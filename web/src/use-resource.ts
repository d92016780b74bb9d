import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Parameters } from './api-client.ts';
import type { LiveEventType } from './live/live-feed.ts';
import { useLiveEvents, useServices } from './services.ts';
import { Trouble } from './trouble.ts';

export interface Resource<T> {
  /** The newest answer; it stays when a later request fails. */
  readonly value: T | null;
  /** Why the newest request failed, or null. */
  readonly trouble: Trouble | null;
  readonly isLoading: boolean;
  readonly reload: () => void;
}

interface State<T> {
  readonly key: string;
  readonly value: T | null;
  readonly trouble: Trouble | null;
  readonly isLoading: boolean;
}

/** Events may come by the hundred a second; a page that asks anew for each would be the daemon's worst client. */
const REFRESH_REST_MS = 1_000;

interface ResourceOptions {
  /** Live events after which the answer may be another. */
  readonly refreshOn?: readonly LiveEventType[];
  /** What the answer is about, where the parameters alone (a window that moves with time) would say that it is another thing. */
  readonly about?: string;
}

/** One answer of the daemon, asked for again when it may have changed and when the connection is back. Null as path: nothing is asked. */
export function useResource<T>(
  path: string | null,
  parameters: Parameters = {},
  { refreshOn = [], about }: ResourceOptions = {},
): Resource<T> {
  const { api, live, onDenied } = useServices();
  const request = JSON.stringify([path, parameters]);
  const key = about ?? request;
  const [state, setState] = useState<State<T>>({ key, value: null, trouble: null, isLoading: path !== null });
  const [turn, setTurn] = useState(0);
  const reload = useCallback(() => {
    setTurn((last) => last + 1);
  }, []);
  const reloadSoon = useRested(reload, REFRESH_REST_MS);
  useLiveEvents([...refreshOn, 'reset'], reloadSoon);
  useEffect(() => live.onReturn(reloadSoon), [live, reloadSoon]);
  useEffect(() => {
    if (path === null) return undefined;
    const stop = new AbortController();
    setState((last) =>
      last.key === key ? { ...last, isLoading: true } : { key, value: null, trouble: null, isLoading: true },
    );
    api.get<T>(path, parameters, stop.signal).then(
      (value) => {
        if (!stop.signal.aborted) setState({ key, value, trouble: null, isLoading: false });
      },
      (error: unknown) => {
        if (stop.signal.aborted) return;
        const trouble = error instanceof Trouble ? error : new Trouble('refused', String(error));
        if (trouble.kind === 'denied') onDenied();
        setState((last) => ({ key, value: last.key === key ? last.value : null, trouble, isLoading: false }));
      },
    );
    return () => {
      stop.abort();
    };
  }, [api, key, request, turn, onDenied]);
  // Between two addresses the old answer must not stand under the new heading, not even for one frame.
  return state.key === key
    ? { value: state.value, trouble: state.trouble, isLoading: state.isLoading, reload }
    : { value: null, trouble: null, isLoading: path !== null, reload };
}

/** Calls at once, and then at most once per rest; the last call of a crowd is never lost. */
function useRested(work: () => void, restMs: number): () => void {
  const state = useRef<{ timer: ReturnType<typeof setTimeout> | null; isDue: boolean }>({ timer: null, isDue: false });
  useEffect(
    () => () => {
      if (state.current.timer !== null) clearTimeout(state.current.timer);
      state.current.timer = null;
    },
    [],
  );
  return useCallback(() => {
    const held = state.current;
    if (held.timer !== null) {
      held.isDue = true;
      return;
    }
    const rest = (): void => {
      held.timer = null;
      if (!held.isDue) return;
      held.isDue = false;
      work();
      held.timer = setTimeout(rest, restMs);
    };
    work();
    held.timer = setTimeout(rest, restMs);
  }, [work, restMs]);
}
