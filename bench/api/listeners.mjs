/** Clients of the stream, in a process of their own. Arguments: address, token, how many. On its standard input's end it tells what they were sent. */
import http from 'node:http';
import { setPriority } from 'node:os';

// They stand for browsers on other hosts, which take nothing from this one's cores.
setPriority(10);

const [url, token, count] = process.argv.slice(2);
const agent = new http.Agent({ keepAlive: true, maxSockets: Infinity });
const EVENT = Buffer.from('\nevent: ');
const received = Array.from({ length: Number(count) }, () => ({ bytes: 0, events: 0, ended: false }));

for (const one of received) {
  const request = http.get(`${url}/v1/stream`, { agent, headers: { authorization: `Bearer ${token}` } }, (response) => {
    response.on('data', (bytes) => {
      one.bytes += bytes.length;
      // Only the first is counted by its frames: two hundred counters would be what is measured.
      if (one === received[0]) one.events += countOf(bytes);
    });
    response.on('close', () => (one.ended = true));
  });
  request.on('error', () => (one.ended = true));
}

function countOf(bytes) {
  let events = 0;
  for (let at = bytes.indexOf(EVENT); at !== -1; at = bytes.indexOf(EVENT, at + EVENT.length)) events += 1;
  return events;
}

process.stdin.resume().on('end', () => {
  const bytes = received.map((one) => one.bytes);
  process.stdout.write(
    JSON.stringify({
      events: received[0]?.events ?? 0,
      least: Math.min(...bytes),
      most: Math.max(...bytes),
      ended: received.filter((one) => one.ended).length,
    }),
    () => process.exit(0),
  );
});
