import type { JSX } from 'preact';
import type { Remedy } from '../../../src/domain.ts';
import { visibleText } from '../text/visible-text.ts';

/** What to do, and why it helps; nothing where nothing is known. */
export function Remedies({ remedies }: { readonly remedies: readonly Remedy[] }): JSX.Element | null {
  if (remedies.length === 0) return null;
  return (
    <section aria-labelledby="do">
      <h2 id="do">What to do</h2>
      <ol class="remedies">
        {remedies.map((remedy) => (
          <li key={remedy.do}>
            {visibleText(remedy.do)} <span class="dim">{visibleText(remedy.why)}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
