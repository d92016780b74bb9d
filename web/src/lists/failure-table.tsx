import type { ComponentChildren, JSX } from 'preact';
import { FAILURE_COLUMNS } from './failure-columns.tsx';
import type { FailureRow } from './failure-row.ts';

interface FailureTableProps {
  readonly label: string;
  readonly rows: readonly FailureRow[];
  /** One more column before the others. */
  readonly note?: { readonly head: string; readonly of: (index: number) => ComponentChildren };
}

/** A short list of failures, as a plain table. */
export function FailureTable({ label, rows, note }: FailureTableProps): JSX.Element {
  return (
    <div class="scroll-x" tabIndex={0} role="region" aria-label={`${label}, table`}>
      <table class="plain failures">
        <thead>
          <tr>
            {note !== undefined && <th scope="col">{note.head}</th>}
            {FAILURE_COLUMNS.map(({ name, head }) => (
              <th key={name} scope="col" class={name}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={row.id}>
              {note !== undefined && <td class="dim">{note.of(index)}</td>}
              {FAILURE_COLUMNS.map(({ name, cell }) => (
                <td key={name} class={name}>
                  {cell(row, 'table')}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
