import { useEffect, useState } from 'preact/hooks';

const MOVED = 'whyd:moved';

/** Goes to an address of the dashboard without loading the page anew. */
export function goTo(address: string, how: 'push' | 'replace' = 'push'): void {
  if (how === 'push') history.pushState(null, '', address);
  else history.replaceState(null, '', address);
  dispatchEvent(new Event(MOVED));
}

export interface Place {
  readonly path: string;
  readonly query: URLSearchParams;
}

function currentPlace(): Place {
  return { path: location.pathname, query: new URLSearchParams(location.search) };
}

export function usePlace(): Place {
  const [place, setPlace] = useState(currentPlace);
  useEffect(() => {
    const update = (): void => {
      setPlace(currentPlace());
    };
    addEventListener('popstate', update);
    addEventListener(MOVED, update);
    return () => {
      removeEventListener('popstate', update);
      removeEventListener(MOVED, update);
    };
  }, []);
  return place;
}

/** The query with some parameters set anew; an empty one is taken out. */
export function withQuery(query: URLSearchParams, changes: Readonly<Record<string, string>>): string {
  const next = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === '') next.delete(name);
    else next.set(name, value);
  }
  const text = next.toString();
  return text === '' ? location.pathname : `${location.pathname}?${text}`;
}

/** Plain links stay plain `<a href>`: one listener turns a plain click on one of ours into a move. */
export function followLinks(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
    return;
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (link?.origin !== location.origin || link.target !== '' || link.hasAttribute('download')) return;
  if (link.pathname.startsWith('/openapi') || link.getAttribute('href')?.startsWith('#') === true) return;
  event.preventDefault();
  goTo(link.pathname + link.search);
}
