import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { prefer, usePreferences } from './preferences.ts';
import { GO_KEYS } from './shortcuts.ts';

interface HelpProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

const KEYS: readonly (readonly [keys: string, does: string])[] = [
  ['/', 'ask why'],
  ['?', 'this list'],
  ...Object.entries(GO_KEYS).map(([key, { name }]): readonly [string, string] => [`g ${key}`, `go to ${name}`]),
  ['↑ ↓', 'move in a list; Page Up, Page Down, Home and End too'],
  ['Enter', 'open the row'],
];

/** The keyboard shortcuts, and the switch that turns the single keys off. */
export function Help({ isOpen, onClose }: HelpProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const { shortcuts } = usePreferences();
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);
  return (
    <dialog ref={dialog} class="help" aria-labelledby="help-title" onClose={onClose}>
      <h2 id="help-title">Keys</h2>
      <dl class="keys">
        {KEYS.map(([keys, does]) => (
          <div key={keys}>
            <dt>
              {keys.split(' ').map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <label class="check">
        <input
          type="checkbox"
          checked={shortcuts === 'on'}
          onChange={(event) => {
            prefer({ shortcuts: event.currentTarget.checked ? 'on' : 'off' });
          }}
        />
        single keys act as shortcuts
      </label>
      <button type="button" onClick={onClose}>
        Close
      </button>
    </dialog>
  );
}
