import { Component, type ComponentChildren, type JSX } from 'preact';

export interface GridColumn<T> {
  /** Also the class of its cells. */
  readonly name: string;
  readonly head: string;
  readonly cell: (row: T, place: 'grid' | 'table') => ComponentChildren;
}

interface GridRowProps<T> {
  readonly row: T;
  readonly index: number;
  readonly columns: readonly GridColumn<T>[];
  readonly isCurrent: boolean;
}

/** One row of a virtual grid; drawn anew only when another row takes its place. */
export class GridRow<T> extends Component<GridRowProps<T>> {
  override shouldComponentUpdate({ row, index, columns, isCurrent }: GridRowProps<T>): boolean {
    const last = this.props;
    return row !== last.row || index !== last.index || columns !== last.columns || isCurrent !== last.isCurrent;
  }

  override render({ row, index, columns, isCurrent }: GridRowProps<T>): JSX.Element {
    return (
      <div role="row" class="grid-row" aria-rowindex={index + 2} tabIndex={isCurrent ? 0 : -1}>
        {columns.map(({ name, cell }) => (
          <span key={name} role="gridcell" class={`cell ${name}`}>
            {cell(row, 'grid')}
          </span>
        ))}
      </div>
    );
  }
}
