import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Verdict } from '../../../src/domain.ts';
import { markdownOf } from '../text/markdown.ts';

const SHOWN_MS = 4_000;

/** The answer for a ticket or a chat. Where the browser allows no copying (plain HTTP from another host), the text is shown to be copied by hand. */
export function CopyMarkdown({ verdict }: { readonly verdict: Verdict }): JSX.Element {
  const [note, setNote] = useState('');
  const [text, setText] = useState<string | null>(null);
  useEffect(() => {
    if (note === '') return undefined;
    const timer = setTimeout(() => {
      setNote('');
    }, SHOWN_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [note]);
  const copy = (): void => {
    const markdown = markdownOf(verdict, location.origin);
    // Absent outside of a secure context, whatever the types say.
    const clipboard = navigator.clipboard as Clipboard | undefined;
    if (clipboard === undefined) {
      setText(markdown);
      return;
    }
    clipboard.writeText(markdown).then(
      () => {
        setNote('copied');
      },
      () => {
        setText(markdown);
      },
    );
  };
  return (
    <div class="copy">
      <span role="status" class="dim">
        {note}
      </span>
      <button type="button" onClick={copy}>
        Copy as Markdown
      </button>
      {text !== null && (
        <ByHand
          text={text}
          onClose={() => {
            setText(null);
          }}
        />
      )}
    </div>
  );
}

function ByHand({ text, onClose }: { readonly text: string; readonly onClose: () => void }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
    area.current?.select();
  }, []);
  return (
    <dialog ref={dialog} aria-labelledby="by-hand" onClose={onClose}>
      <h2 id="by-hand">Copy it from here</h2>
      <textarea ref={area} aria-labelledby="by-hand" readOnly rows={16} cols={80} value={text} />
      <button
        type="button"
        onClick={() => {
          dialog.current?.close();
        }}
      >
        Close
      </button>
    </dialog>
  );
}
