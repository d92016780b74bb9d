import { CauseName, Sure } from '../badges.tsx';
import { InlineLogText } from '../text/log-text.tsx';
import { MiddleCut } from '../text/middle-cut.tsx';
import { Moment } from '../text/moment.tsx';
import { visibleText } from '../text/visible-text.ts';
import type { FailureRow } from './failure-row.ts';
import type { GridColumn } from './grid-row.tsx';

export function failureAddress(id: string): string {
  return `/failures/${encodeURIComponent(id)}`;
}

export const FAILURE_COLUMNS: readonly GridColumn<FailureRow>[] = [
  {
    name: 'at',
    head: 'Time',
    cell: ({ id, at, atPrecision }, place) => (
      // A row of the grid has the focus itself and is opened with Enter: there the link is for the mouse only.
      <a href={failureAddress(id)} tabIndex={place === 'grid' ? -1 : 0}>
        <Moment at={at} precision={atPrecision} />
      </a>
    ),
  },
  { name: 'what', head: 'Cause', cell: ({ cause, category }) => <CauseName cause={cause} category={category} /> },
  {
    name: 'sureness',
    head: 'How sure',
    cell: ({ certainty, isSettled }) =>
      isSettled ? <Sure certainty={certainty} /> : <span class="dim">… settling</span>,
  },
  { name: 'operation', head: 'Operation', cell: ({ operation }) => operation ?? <span class="dim">unknown</span> },
  { name: 'summary', head: 'Why', cell: ({ summary }) => <InlineLogText text={summary} length={200} /> },
  { name: 'place', head: 'Log line', cell: ({ place }) => <MiddleCut text={visibleText(place)} /> },
];
