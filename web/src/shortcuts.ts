import { useEffect } from 'preact/hooks';
import { goTo } from './location.ts';
import { preferences } from './preferences.ts';
import { WHY_BOX_ID } from './why-box.tsx';

/** `g` and then a letter goes to a page. */
export const GO_KEYS: Readonly<Record<string, { readonly address: string; readonly name: string }>> = {
  n: { address: '/', name: 'Now' },
  f: { address: '/failures', name: 'Failures' },
  i: { address: '/issues', name: 'Issues' },
  c: { address: '/incidents', name: 'Incidents' },
  s: { address: '/sources', name: 'Sources' },
};

const GO_WAIT_MS = 1_200;

/** Single keys, for hands that stay on the keyboard; they can be turned off, and never act while somebody writes. */
export function useShortcuts(onHelp: () => void): void {
  useEffect(() => {
    let goSinceMs = 0;
    const onKey = (event: KeyboardEvent): void => {
      if (preferences().shortcuts === 'off' || event.ctrlKey || event.metaKey || event.altKey || event.isComposing)
        return;
      if (event.target instanceof Element && event.target.closest('input, textarea, select, dialog') !== null) return;
      const isGoing = Date.now() - goSinceMs < GO_WAIT_MS;
      goSinceMs = 0;
      const page = isGoing ? GO_KEYS[event.key] : undefined;
      if (page !== undefined) goTo(page.address);
      else if (event.key === 'g') goSinceMs = Date.now();
      else if (event.key === '/') focusWhyBox();
      else if (event.key === '?') onHelp();
      else return;
      event.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    return () => {
      document.removeEventListener('keydown', onKey);
    };
  }, [onHelp]);
}

function focusWhyBox(): void {
  const box = document.getElementById(WHY_BOX_ID);
  if (!(box instanceof HTMLInputElement)) return;
  box.focus();
  box.select();
}
