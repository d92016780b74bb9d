import type { JSX } from 'preact';
import { useCallback, useState } from 'preact/hooks';
import type { Stats } from '../../src/domain.ts';
import { Help } from './help.tsx';
import { LiveStatus, LostBanner } from './live-status.tsx';
import { usePlace } from './location.ts';
import { PageOf } from './page-of.tsx';
import { prefer, usePreferences, type Theme } from './preferences.ts';
import { routeOf, type Route } from './route.ts';
import { useShortcuts } from './shortcuts.ts';
import { zoneName } from './text/time.ts';
import { useResource } from './use-resource.ts';
import { WhyBox } from './why-box.tsx';

interface Tab {
  readonly address: string;
  readonly name: string;
  readonly pages: readonly Route['page'][];
  readonly count?: (stats: Stats) => number;
}

const TABS: readonly Tab[] = [
  { address: '/', name: 'Now', pages: ['now'] },
  { address: '/failures', name: 'Failures', pages: ['failures', 'failure'] },
  { address: '/issues', name: 'Issues', pages: ['issues', 'issue'], count: ({ openIssues }) => openIssues },
  {
    address: '/incidents',
    name: 'Incidents',
    pages: ['incidents', 'incident'],
    count: ({ openIncidents }) => openIncidents,
  },
  { address: '/sources', name: 'Sources', pages: ['sources'] },
];

/** What stands around each page: the box that asks why, the tabs, and whether what is shown is live. */
export function Frame(): JSX.Element {
  const { path } = usePlace();
  const route = routeOf(path);
  const [isHelpOpen, setHelpOpen] = useState(false);
  const openHelp = useCallback(() => {
    setHelpOpen(true);
  }, []);
  useShortcuts(openHelp);
  return (
    <>
      <a class="skip" href="#main">
        Skip to the page
      </a>
      <header class="top">
        <div class="top-row">
          <a class="brand" href="/" aria-label="whyd, to the first page">
            why<span>d</span>
          </a>
          <WhyBox />
          <LiveStatus />
        </div>
        <div class="top-row tabs-row">
          <Tabs page={route.page} />
          <Choices onHelp={openHelp} />
        </div>
      </header>
      <LostBanner />
      <main id="main" tabIndex={-1}>
        <PageOf route={route} />
      </main>
      <Help
        isOpen={isHelpOpen}
        onClose={() => {
          setHelpOpen(false);
        }}
      />
    </>
  );
}

function Tabs({ page }: { readonly page: Route['page'] }): JSX.Element {
  const { value: stats } = useResource<Stats>('/v1/stats', { bucket: '1h' }, { refreshOn: ['issue', 'incident'] });
  return (
    <nav class="tabs" aria-label="Pages">
      {TABS.map(({ address, name, pages, count }) => {
        const open = stats === null || count === undefined ? 0 : count(stats);
        return (
          <a key={address} href={address} {...(pages.includes(page) ? { 'aria-current': 'page' as const } : {})}>
            {name}
            {open > 0 && (
              <span class="count">
                {open}
                <span class="hidden"> open</span>
              </span>
            )}
          </a>
        );
      })}
    </nav>
  );
}

const NEXT_THEME: Readonly<Record<Theme, Theme>> = { system: 'light', light: 'dark', dark: 'system' };
const THEME_MARKS: Readonly<Record<Theme, string>> = { system: '◐', light: '○', dark: '●' };

function Choices({ onHelp }: { readonly onHelp: () => void }): JSX.Element {
  const { theme, zone } = usePreferences();
  const nowMs = Date.now();
  const isSame = zoneName('local', nowMs) === 'UTC';
  return (
    <div class="choices">
      {isSame ? (
        <span class="dim">times in UTC</span>
      ) : (
        <button
          type="button"
          class="quiet"
          title="Switch between local time and UTC"
          onClick={() => {
            prefer({ zone: zone === 'utc' ? 'local' : 'utc' });
          }}
        >
          <span class="hidden">Times in </span>
          {zoneName(zone, nowMs)}
        </button>
      )}
      <button
        type="button"
        class="quiet"
        onClick={() => {
          prefer({ theme: NEXT_THEME[theme] });
        }}
      >
        <span aria-hidden="true">{THEME_MARKS[theme]} </span>
        {theme}
        <span class="hidden"> colours</span>
      </button>
      <button type="button" class="quiet" aria-keyshortcuts="?" onClick={onHelp}>
        <kbd>?</kbd> keys
      </button>
    </div>
  );
}
