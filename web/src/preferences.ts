import { useEffect, useState } from 'preact/hooks';
import type { Zone } from './text/time.ts';

export type Theme = 'system' | 'light' | 'dark';

/** What a reader chose, kept in this browser. */
export interface Preferences {
  readonly theme: Theme;
  readonly zone: Zone;
  /** Single keys as shortcuts; who speaks to the browser or uses a switch turns them off. */
  readonly shortcuts: 'on' | 'off';
}

const KEY = 'whyd.preferences';
const CHOICES: { readonly [Name in keyof Preferences]: readonly [Preferences[Name], ...Preferences[Name][]] } = {
  theme: ['system', 'light', 'dark'],
  zone: ['local', 'utc'],
  shortcuts: ['on', 'off'],
};

let current: Preferences = read();
const listeners = new Set<() => void>();

export function preferences(): Preferences {
  return current;
}

export function prefer(changes: Partial<Preferences>): void {
  current = { ...current, ...changes };
  try {
    localStorage.setItem(KEY, JSON.stringify(current));
  } catch {
    // A browser that keeps nothing still shows what was chosen until it is closed.
  }
  applyTheme();
  for (const listener of listeners) listener();
}

export function usePreferences(): Preferences {
  const [, setTurn] = useState(0);
  useEffect(() => {
    const update = (): void => {
      setTurn((turn) => turn + 1);
    };
    listeners.add(update);
    return () => {
      listeners.delete(update);
    };
  }, []);
  return current;
}

export function applyTheme(): void {
  document.documentElement.dataset['theme'] = current.theme;
}

function read(): Preferences {
  const stored = storedPreferences();
  const choice = <Name extends keyof Preferences>(name: Name): Preferences[Name] =>
    CHOICES[name].find((value) => value === stored[name]) ?? CHOICES[name][0];
  return { theme: choice('theme'), zone: choice('zone'), shortcuts: choice('shortcuts') };
}

function storedPreferences(): Readonly<Record<string, unknown>> {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    return typeof stored === 'object' && stored !== null ? (stored as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
