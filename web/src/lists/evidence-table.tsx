import type { JSX } from 'preact';
import type { Evidence } from '../../../src/domain.ts';
import { InlineLogText } from '../text/log-text.tsx';

/** Weights beyond this fill the bar: e^8 to one is as good as sure. */
const FULL_WEIGHT = 8;
const HALF_PX = 60;

/** The named rules that speak for the answer (to the right) and against it (to the left), the most telling first. */
export function EvidenceTable({ evidence }: { readonly evidence: readonly Evidence[] }): JSX.Element {
  const telling = [...evidence].sort((one, other) => Math.abs(other.weight) - Math.abs(one.weight));
  return (
    <div class="scroll-x" tabIndex={0} role="region" aria-label="Evidence, table">
      <table class="plain evidence">
        <thead>
          <tr>
            <th scope="col" class="number">
              Weight
            </th>
            <th scope="col">
              <span class="hidden">For or against</span>
            </th>
            <th scope="col">What</th>
            <th scope="col">Rule</th>
          </tr>
        </thead>
        <tbody>
          {telling.map(({ rule, weight, says }, index) => (
            <tr key={index}>
              <td class="number nowrap">
                {weight === 0 ? 'none' : `${weight > 0 ? '+' : '−'}${Math.abs(weight).toFixed(1)}`}
              </td>
              <td class="bar">
                <WeightBar weight={weight} />
              </td>
              <td class="says">
                <InlineLogText text={says} length={600} />
              </td>
              <td class="rule mono dim">{rule}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function WeightBar({ weight }: { readonly weight: number }): JSX.Element {
  const length = Math.max(weight === 0 ? 0 : 2, Math.min(1, Math.abs(weight) / FULL_WEIGHT) * HALF_PX);
  return (
    <svg class="weight" width={2 * HALF_PX} height={10} aria-hidden="true">
      <line x1={HALF_PX} x2={HALF_PX} y1={0} y2={10} class="weight-zero" />
      <rect
        x={weight < 0 ? HALF_PX - length : HALF_PX}
        y={2}
        width={length}
        height={6}
        class={weight < 0 ? 'against' : 'for'}
      />
    </svg>
  );
}
