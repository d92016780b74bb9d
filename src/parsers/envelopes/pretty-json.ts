import { decodeUtf8, encodeUtf8 } from '../latin1.ts';
import { unwrapped, type Envelope } from './envelope.ts';

const TEXT_LINE = /^\s+"(?:textPayload|message|MESSAGE|log|msg)": ("(?:[^"\\]|\\.)*"),?\s*$/;

/** JSON printed over several lines, as `gcloud logging read --format=json` and `aws logs filter-log-events` do: one of an object's lines holds the log's. */
export const prettyJson: Envelope = {
  kind: 'json',
  unwrap(line) {
    const quoted = TEXT_LINE.exec(line)?.[1];
    const text = quoted === undefined ? null : stringOf(quoted);
    return text === null ? null : unwrapped(encodeUtf8(text.replace(/\r?\n$/, '')), null);
  },
  marks: /^\s*(?:[[\]{}]+,?|"[^"]*":.*|"(?:[^"\\]|\\.)*",?|-?\d[\d.eE+-]*,?|(?:true|false|null),?)\s*$/,
};

function stringOf(quoted: string): string | null {
  try {
    return JSON.parse(decodeUtf8(quoted)) as string;
  } catch {
    // A control character stands bare in it.
    return null;
  }
}
