import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Issue, IssueState, IssueStep } from '../../../src/domain.ts';
import { useServices } from '../services.ts';
import { TroubleBox } from '../states.tsx';
import { Trouble } from '../trouble.ts';

/** Which steps an issue's state allows; the daemon refuses the others. */
const STEPS: Readonly<Record<IssueState, readonly IssueStep['kind'][]>> = {
  open: ['mute', 'resolve'],
  muted: ['resolve', 'reopen'],
  resolved: ['reopen'],
};

const SPANS: readonly (readonly [span: string, words: string])[] = [
  ['1h', 'for an hour'],
  ['8h', 'for 8 hours'],
  ['1d', 'for a day'],
  ['7d', 'for a week'],
  ['', 'until it is reopened'],
];

const DONE: Readonly<Record<IssueStep['kind'], string>> = { mute: 'muted', resolve: 'resolved', reopen: 'reopened' };

interface IssueStepsProps {
  readonly issue: Issue;
  readonly onChanged: () => void;
}

export function IssueSteps({ issue, onChanged }: IssueStepsProps): JSX.Element {
  const { api, onDenied } = useServices();
  const [span, setSpan] = useState('1h');
  const [isBusy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [done, setDone] = useState('');
  const steps = STEPS[issue.state];

  const take = (step: IssueStep['kind']): void => {
    setBusy(true);
    setTrouble(null);
    const body = step === 'mute' && span !== '' ? { for: span } : {};
    const path = `/v1/issues/${encodeURIComponent(issue.id)}/${step}`;
    api.post<Issue>(path, body, new AbortController().signal).then(
      () => {
        setBusy(false);
        setDone(`The issue is ${DONE[step]}.`);
        onChanged();
      },
      (error: unknown) => {
        setBusy(false);
        setDone('');
        const met = error instanceof Trouble ? error : new Trouble('refused', String(error));
        if (met.kind === 'denied') onDenied();
        setTrouble(met);
      },
    );
  };

  const button = (step: IssueStep['kind'], name: string): JSX.Element | null =>
    steps.includes(step) ? (
      <button
        type="button"
        disabled={isBusy}
        onClick={() => {
          take(step);
        }}
      >
        {name}
      </button>
    ) : null;

  return (
    <div class="steps">
      <div class="steps-row">
        {steps.includes('mute') && (
          <span class="joined">
            {button('mute', 'Mute')}
            <select
              aria-label="how long"
              value={span}
              onChange={(event) => {
                setSpan(event.currentTarget.value);
              }}
            >
              {SPANS.map(([value, words]) => (
                <option key={value} value={value}>
                  {words}
                </option>
              ))}
            </select>
          </span>
        )}
        {button('resolve', 'Resolve')}
        {button('reopen', 'Reopen')}
        <span role="status" class="dim">
          {done}
        </span>
      </div>
      {trouble !== null && <TroubleBox trouble={trouble} />}
    </div>
  );
}
