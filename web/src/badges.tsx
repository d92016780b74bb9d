import type { JSX } from 'preact';
import type { Certainty, IssueFlag, IssueState } from '../../src/domain.ts';
import { Swatch } from './swatch.tsx';
import { formatShare } from './text/format.ts';

/** How many of three marks are filled: seen at a glance, and the word stands beside them. */
const MARKS: Readonly<Record<Certainty, string>> = { certain: '●●●', likely: '●●○', possible: '●○○', unknown: '○○○' };

interface SureProps {
  readonly certainty: Certainty;
  readonly confidence?: number;
}

export function Sure({ certainty, confidence }: SureProps): JSX.Element {
  return (
    <span class={`sure sure-${certainty}`}>
      <span class="marks" aria-hidden="true">
        {MARKS[certainty]}
      </span>{' '}
      {certainty === 'unknown' ? <span class="hidden">no cause is known</span> : certainty}
      {certainty !== 'unknown' && confidence !== undefined && <span class="dim"> {formatShare(confidence)}</span>}
    </span>
  );
}

export function CauseName({ cause, category }: { readonly cause: string; readonly category: string }): JSX.Element {
  return (
    <span class="cause">
      <Swatch cause={cause} category={category} />
      <span class="cause-id">{cause}</span>
    </span>
  );
}

const FLAG_MARKS: Readonly<Record<IssueFlag, string>> = { new: '✦', regressed: '↩', escalating: '↗' };

export function Flag({ flag }: { readonly flag: IssueFlag }): JSX.Element {
  return (
    <span class={`flag flag-${flag}`}>
      <span aria-hidden="true">{FLAG_MARKS[flag]} </span>
      {flag}
    </span>
  );
}

const STATE_MARKS: Readonly<Record<IssueState, string>> = { open: '◉', muted: '◌', resolved: '✓' };

export function StateName({ state }: { readonly state: IssueState }): JSX.Element {
  return (
    <span class={`state state-${state}`}>
      <span aria-hidden="true">{STATE_MARKS[state]} </span>
      {state}
    </span>
  );
}
