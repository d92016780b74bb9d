import { parseRfc3339 } from '../../time/rfc3339.ts';
import { unwrapped, type Envelope } from './envelope.ts';

const LINE =
  /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) (stdout|stderr) ([FP])(?::[^ ]*)?(?: ([^]*))?$/;

/** The CRI form of Kubernetes' runtimes: `<time> stderr F <text>`, `P` for a piece that the next one continues. */
export const cri: Envelope = {
  kind: 'cri',
  unwrap(line) {
    const match = LINE.exec(line);
    if (match === null) return null;
    const stamp = parseRfc3339(match[1] ?? '');
    return unwrapped(match[4] ?? '', stamp, { stream: match[2] ?? '', partial: match[3] === 'P' });
  },
};
