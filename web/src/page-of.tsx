import type { JSX } from 'preact';
import { assertNever } from './assert-never.ts';
import { FailurePage } from './pages/failure.tsx';
import { FailuresPage } from './pages/failures.tsx';
import { IncidentPage, IncidentsPage } from './pages/incidents.tsx';
import { IssuePage } from './pages/issue.tsx';
import { IssuesPage } from './pages/issues.tsx';
import { NowPage } from './pages/now.tsx';
import { SearchPage } from './pages/search.tsx';
import { SourcesPage } from './pages/sources.tsx';
import { Heading } from './heading.tsx';
import type { Route } from './route.ts';
import { Empty } from './states.tsx';

export function PageOf({ route }: { readonly route: Route }): JSX.Element {
  switch (route.page) {
    case 'now':
      return <NowPage />;
    case 'failures':
      return <FailuresPage />;
    case 'failure':
      return <FailurePage key={route.id} id={route.id} />;
    case 'issues':
      return <IssuesPage />;
    case 'issue':
      return <IssuePage key={route.id} id={route.id} />;
    case 'incidents':
      return <IncidentsPage />;
    case 'incident':
      return <IncidentPage key={route.id} id={route.id} />;
    case 'search':
      return <SearchPage />;
    case 'sources':
      return <SourcesPage />;
    case 'nowhere':
      return (
        <>
          <Heading title="No such page" />
          <Empty title="There is no such page">
            <p>
              <a href="/">Go to what happens now</a>, or ask for a failure above.
            </p>
          </Empty>
        </>
      );
    default:
      return assertNever(route);
  }
}
