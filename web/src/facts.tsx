import type { ComponentChildren, JSX } from 'preact';

interface FactProps {
  readonly name: string;
  /** Takes a line of its own where facts stand in columns. */
  readonly isLong?: boolean;
  readonly children: ComponentChildren;
}

/** A named value of a `dl.facts`. */
export function Fact({ name, isLong = false, children }: FactProps): JSX.Element {
  return (
    <div class={isLong ? 'fact-long' : ''}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
