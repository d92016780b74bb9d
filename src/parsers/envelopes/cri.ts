import { parseRfc3339 } from '../../time/rfc3339.ts';
import type { Envelope } from './envelope.ts';

const LINE = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,9}(?:Z|[+-]\d\d:\d\d)) (stdout|stderr) ([FP])(?::[^ ]*)? ?([^]*)$/;

/** The CRI form of Kubernetes' runtimes: `<time> stderr F <text>`, `P` for a piece that the next one continues. */
export const cri: Envelope = {
  kind: 'cri',
  unwrap(line) {
    const match = LINE.exec(line);
    if (match === null) return null;
    return { text: match[4] ?? '', stamp: parseRfc3339(match[1] ?? ''), stream: match[2] ?? '', partial: match[3] === 'P' };
  },
};
