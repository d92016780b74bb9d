import { unwrapped, type Envelope } from './envelope.ts';

const LINE = /^(?:(?:\d{1,6}\|)?([\w.-]{1,80}) +\|(?: |$)|\[pod\/([^\]\s]{1,200})\] )([^]*)$/;
const COLOUR = /\x1b\[[0-9;]*m/g;

/** `docker compose logs` (`denokv-1  | text`), `pm2 logs` (`0|denokv  | text`) and `kubectl logs --prefix` (`[pod/name/container] text`): several programs in one stream. */
export const compose: Envelope = {
  kind: 'compose',
  unwrap(line) {
    const match = LINE.exec(line.startsWith('\x1b') ? uncoloured(line) : line);
    return match === null ? null : unwrapped(match[3] ?? '', null, { service: match[1] ?? match[2] ?? '' });
  },
};

/** Compose colours the name only, and puts the end of it behind the bar; what follows is the program's own. */
function uncoloured(line: string): string {
  const bar = line.indexOf('|');
  if (bar < 0) return line;
  return `${line.slice(0, bar + 1).replaceAll(COLOUR, '')}${line.slice(bar + 1).replace(/^( ?)\x1b\[0?m/, '$1')}`;
}
