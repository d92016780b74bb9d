import { parseRfc3339 } from '../../time/rfc3339.ts';
import { parseObject } from '../json.ts';
import { decodeUtf8, encodeUtf8 } from '../latin1.ts';
import type { Envelope } from './envelope.ts';

/** Docker's json-file driver: `{"log":"...\n","stream":"stderr","time":"..."}`; a line over 16 KiB comes in pieces, only the last with a newline. */
export const docker: Envelope = {
  kind: 'docker',
  unwrap(line) {
    if (!line.startsWith('{"log":')) return null;
    const record = parseObject(decodeUtf8(line));
    const log = record?.['log'];
    const time = record?.['time'];
    if (typeof log !== 'string') return null;
    const partial = !log.endsWith('\n');
    const stream = record?.['stream'];
    return {
      text: encodeUtf8(partial ? log : log.slice(0, -1)),
      stamp: typeof time === 'string' ? parseRfc3339(time) : null,
      stream: typeof stream === 'string' ? stream : '',
      partial,
    };
  },
};
