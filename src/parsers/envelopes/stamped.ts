import { parseRfc3339 } from '../../time/rfc3339.ts';
import { unwrapped, type Envelope } from './envelope.ts';

const LINE = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,9}(?:Z|[+-]\d\d:?\d\d))(?: |$)([^]*)$/;

/** A time of the collector's before each line: `docker logs -t`, `kubectl logs --timestamps`, CloudWatch's exports. */
export const stamped: Envelope = {
  kind: 'stamped',
  unwrap(line) {
    const match = LINE.exec(line);
    return match === null ? null : unwrapped(match[2] ?? '', parseRfc3339(match[1] ?? ''));
  },
};
