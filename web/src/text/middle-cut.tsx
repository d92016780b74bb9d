import type { JSX } from 'preact';

/** The end of a log's name and its line tell one from another. */
const TAIL_CHARS = 18;

/** A text on one line that loses its middle where there is no room, and never its end. Expects visible text. */
export function MiddleCut({ text }: { readonly text: string }): JSX.Element {
  const chars = Array.from(text);
  const at = Math.max(0, chars.length - TAIL_CHARS);
  return (
    <span class="middle-cut mono" title={text}>
      {/* An empty one would put the line's foot where its box ends. */}
      {at > 0 && <span class="middle-head">{chars.slice(0, at).join('')}</span>}
      <span class="middle-tail">{chars.slice(at).join('')}</span>
    </span>
  );
}
