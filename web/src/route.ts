/** Which page an address asks for. */
export type Route =
  | { readonly page: 'now' }
  | { readonly page: 'failures' }
  | { readonly page: 'failure'; readonly id: string }
  | { readonly page: 'issues' }
  | { readonly page: 'issue'; readonly id: string }
  | { readonly page: 'incidents' }
  | { readonly page: 'incident'; readonly id: string }
  | { readonly page: 'search' }
  | { readonly page: 'sources' }
  | { readonly page: 'nowhere' };

const LISTS = {
  '': { page: 'now' },
  failures: { page: 'failures' },
  issues: { page: 'issues' },
  incidents: { page: 'incidents' },
  search: { page: 'search' },
  sources: { page: 'sources' },
} as const satisfies Record<string, Route>;

const DETAILS: Readonly<Record<string, 'failure' | 'issue' | 'incident'>> = {
  failures: 'failure',
  issues: 'issue',
  incidents: 'incident',
};

export function routeOf(path: string): Route {
  const [, folder = '', id, ...more] = path.replace(/\/$/, '').split('/');
  if (id === undefined) return isList(folder) ? LISTS[folder] : { page: 'nowhere' };
  const page = Object.hasOwn(DETAILS, folder) ? DETAILS[folder] : undefined;
  const decoded = decode(id);
  if (page === undefined || more.length > 0 || decoded === null) return { page: 'nowhere' };
  return { page, id: decoded };
}

function isList(folder: string): folder is keyof typeof LISTS {
  return Object.hasOwn(LISTS, folder);
}

/** Null for a broken escape: an address is typed by anybody. */
function decode(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}
