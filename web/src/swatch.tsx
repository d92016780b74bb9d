import type { JSX } from 'preact';
import { lookOf, type Texture } from './causes.ts';

/** Strokes of a texture on a 12 by 12 swatch. */
const STROKES: Readonly<Record<Texture, string>> = {
  plain: '',
  rising: 'M-2 8 8 -2M0 14 14 0M6 16 16 6',
  falling: 'M-2 4 8 14M0 -2 14 12M6 -4 16 6',
  level: 'M0 2.5H12M0 6.5H12M0 10.5H12',
  dots: 'M3 3h.01M9 3h.01M6 6h.01M3 9h.01M9 9h.01',
  grid: 'M0 4H12M0 8H12M4 0V12M8 0V12',
  upright: 'M2 0V12M6.5 0V12M10.5 0V12',
};

/** The cause's colour and texture, as the chart has them; decoration beside the name. */
export function Swatch({ cause, category }: { readonly cause: string; readonly category: string }): JSX.Element {
  const { hue, texture } = lookOf(cause, category);
  return (
    <svg class={`swatch hue-${hue}`} viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
      <rect width="12" height="12" rx="2" fill="currentColor" />
      {texture !== 'plain' && (
        <path
          d={STROKES[texture]}
          class="texture"
          stroke-width={texture === 'dots' ? 2.5 : 1.4}
          stroke-linecap="round"
        />
      )}
    </svg>
  );
}
