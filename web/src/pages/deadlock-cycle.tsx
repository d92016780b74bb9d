import type { JSX } from 'preact';
import type { Deadlock } from '../../../src/domain.ts';
import { InlineLogText } from '../text/log-text.tsx';
import { visibleText } from '../text/visible-text.ts';

/** Who waited for whom, round to the first. */
export function DeadlockCycle({ deadlock: { parties } }: { readonly deadlock: Deadlock }): JSX.Element {
  return (
    <section aria-labelledby="cycle">
      <h2 id="cycle">Who waited for whom</h2>
      <ol class="cycle">
        {parties.map(({ pid, waitsFor, heldBy, statement, application }, index) => (
          <li key={pid}>
            <p>
              <b>pid {pid}</b>
              {application !== null && <span class="dim"> {visibleText(application)}</span>}
              {statement !== null && (
                <code class="statement">
                  <InlineLogText text={statement} length={300} />
                </code>
              )}
            </p>
            <p class="waits">
              <span aria-hidden="true">{index === parties.length - 1 ? '↻' : '↓'} </span>
              waits for {visibleText(waitsFor)}, held by pid {heldBy}
            </p>
          </li>
        ))}
      </ol>
    </section>
  );
}
