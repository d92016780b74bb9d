import { parseRfc3339 } from '../../time/rfc3339.ts';
import { unwrapped, type Envelope } from './envelope.ts';

/** Fly.io says behind it which machine wrote the line, where, and how grave that is. */
const LINE =
  /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3,9})?(?:Z|[+-]\d\d:?\d\d))(?: |$)(?:\w+\[[0-9a-f]{8,}\] [a-z]{3} \[\w+\] ?)?([^]*)$/;
/** runit's svlogd, which GitLab's packages run Postgres under: UTC. */
const SVLOGD = /^(\d{4}-\d\d-\d\d)_(\d\d:\d\d:\d\d\.\d{5}) ([^]*)$/;

/** `aws logs tail --format short`, and pm2 with a time: no zone is printed. */
const ZONELESS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d:?(?: |$)([^]*)$/;
/** TAI64N, of `svlogd -t`, `multilog t` and s6-log: some of them count leap seconds, some do not. */
const TAI64N = /^@4[0-9a-f]{23}(?: |$)([^]*)$/;

/** A time of the collector's before each line: `docker logs -t`, `kubectl logs --timestamps`, CloudWatch's exports, `svlogd -tt`. */
export const stamped: Envelope = {
  kind: 'stamped',
  unwrap(line) {
    const match = LINE.exec(line);
    if (match !== null) return unwrapped(match[2] ?? '', parseRfc3339(match[1] ?? ''));
    const [whole, date = '', time = '', text = ''] = SVLOGD.exec(line) ?? [];
    if (whole !== undefined) return unwrapped(text, parseRfc3339(`${date}T${time}Z`));
    const untimed = (ZONELESS.exec(line) ?? TAI64N.exec(line))?.[1];
    return untimed === undefined ? null : unwrapped(untimed, null);
  },
};
