import { parseRfc3339 } from '../../time/rfc3339.ts';
import { parseObject } from '../json.ts';
import { decodeUtf8, encodeUtf8 } from '../latin1.ts';
import { unwrapped, type Envelope } from './envelope.ts';

/** Docker's json-file driver: `{"log":"...\n","stream":"stderr","time":"..."}`; a line over 16 KiB comes in pieces, only the last with a newline. */
export const docker: Envelope = {
  kind: 'docker',
  unwrap(line) {
    if (!line.startsWith('{"log":')) return null;
    const record = parseObject(decodeUtf8(line));
    const log = record?.['log'];
    const time = record?.['time'];
    const stream = record?.['stream'];
    // Shippers write `log` too; only the driver itself writes all three.
    if (typeof log !== 'string' || typeof time !== 'string' || typeof stream !== 'string') return null;
    const partial = !log.endsWith('\n');
    const text = encodeUtf8(partial ? log : log.replace(/\r?\n$/, ''));
    return unwrapped(text, parseRfc3339(time), { stream, partial });
  },
};
