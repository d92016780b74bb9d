import { unwrapped, type Envelope } from './envelope.ts';

const MESSAGE = /^(?: {4})?MESSAGE=([^]*)$/;

/** `journalctl -o export` and `-o verbose`: a field a line. What is around a message is left alone: both logs print their times themselves. */
export const journalExport: Envelope = {
  kind: 'journal',
  unwrap(line) {
    const text = MESSAGE.exec(line)?.[1];
    return text === undefined ? null : unwrapped(text, null);
  },
  marks: /^(?: {4})?_*[A-Z][A-Z0-9_]*=|^[A-Z][a-z]{2} \d{4}-\d\d-\d\d [\d:.]+ \S+ \[s=[0-9a-f]+;/,
};
