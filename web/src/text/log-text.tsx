import { useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { formatCount } from './format.ts';
import { head, visiblePieces } from './visible-text.ts';

/** A log line may be a megabyte; nobody reads that at a glance, and laying it out would freeze the page. */
const SHOWN_CHARACTERS = 1_500;
const MOST_CHARACTERS = 200_000;

/** Log text as it stands in the file, inert: text nodes only, its controls named, cut when long. */
export function LogText({ text }: { readonly text: string }): JSX.Element {
  const [isWhole, setWhole] = useState(false);
  const limit = isWhole ? MOST_CHARACTERS : SHOWN_CHARACTERS;
  const shown = head(text, limit);
  const hidden = text.length - shown.length;
  return (
    <div class="log-text">
      <pre dir="ltr">
        <Pieces text={shown} />
        {hidden > 0 && <span class="cut"> …</span>}
      </pre>
      {text.length > SHOWN_CHARACTERS && (
        <button
          type="button"
          class="quiet"
          onClick={() => {
            setWhole(!isWhole);
          }}
        >
          {isWhole ? 'show less' : `show ${formatCount(hidden, 'more character')}`}
        </button>
      )}
      {isWhole && hidden > 0 && <p class="note">{formatCount(hidden, 'character')} more stand in the file itself.</p>}
    </div>
  );
}

/** Log text inside a sentence or a row, on one line. */
export function InlineLogText({
  text,
  length = 400,
}: {
  readonly text: string;
  readonly length?: number;
}): JSX.Element {
  const line = text.replace(/\s+/g, ' ').trim();
  const shown = head(line, length);
  return (
    <bdi class="inline-log" dir="ltr">
      <Pieces text={shown} />
      {shown.length < line.length && '…'}
    </bdi>
  );
}

function Pieces({ text }: { readonly text: string }): JSX.Element {
  return (
    <>
      {visiblePieces(text).map((piece, index) =>
        piece.isEscape ? (
          <span key={index} class="escape">
            {piece.text}
          </span>
        ) : (
          piece.text
        ),
      )}
    </>
  );
}
