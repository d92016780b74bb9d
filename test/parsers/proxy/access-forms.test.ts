import { describe, expect, it } from 'vitest';
import type { ProxyResponseEvent } from '../../../src/domain.ts';
import { contentOf, parseBytes } from '../parse-bytes.ts';

type Response = Omit<ProxyResponseEvent, 'citation'>;

const us = (iso: string, micros = 0): number => Date.parse(iso) * 1000 + micros;
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const TRACEPARENT = `00-${TRACE}-b7ad6b7169203331-01`;
const ID = 'ee3781ec8dd8ecc028575b1f36f29004';

function response(over: Partial<Response>): Response {
  return {
    kind: 'proxy_response',
    format: 'proxy',
    at: { us: us('2026-11-23T05:43:22.000Z'), precision: 'second', zone: 'read' },
    status: 500,
    method: 'POST',
    path: '/v2/atomic_write',
    operation: 'atomic_write',
    requestId: null,
    client: '10.0.0.7',
    durationMs: null,
    ...over,
  };
}
const millisecond = (iso: string) => ({ us: us(iso), precision: 'millisecond', zone: 'read' }) as const;

const LINES: Readonly<Record<string, readonly [line: string, expected: Response]>> = {
  'nginx combined': [
    '10.0.0.7 - - [23/Nov/2026:06:43:22 +0100] "POST /v2/atomic_write HTTP/1.1" 500 34 "-" "Deno/2.9.6"',
    response({}),
  ],
  'nginx combined with request time and id': [
    `10.0.0.7 - kv [23/Nov/2026:05:43:22 +0000] "POST /v2/snapshot_read?x=1 HTTP/2.0" 500 34 "-" "Deno \\"x\\"" 0.013 "${ID}"`,
    response({ path: '/v2/snapshot_read', operation: 'snapshot_read', durationMs: 13, requestId: ID }),
  ],
  'nginx combined with named extras': [
    `10.0.0.7 - - [23/Nov/2026:05:43:22 +0000] "POST /watch HTTP/1.1" 200 34 "-" "-" rt=1.250 traceparent=${TRACEPARENT}`,
    response({ status: 200, path: '/watch', operation: 'watch', durationMs: 1250, requestId: TRACE }),
  ],
  'Apache combined with a virtual host': [
    'kv.example.org:443 10.0.0.7 - - [23/Nov/2026:05:43:22 +0000] "GET / HTTP/1.1" 404 196 "-" "curl/8.0"',
    response({ status: 404, method: 'GET', path: '/', operation: null }),
  ],
  'a request that was no HTTP': [
    '10.0.0.7 - - [23/Nov/2026:05:43:22 +0000] "\\x16\\x03\\x01" 400 0 "-" "-"',
    response({ status: 400, method: null, path: null, operation: null }),
  ],
  'Traefik text': [
    '10.0.0.7 - - [23/Nov/2026:05:43:22 +0000] "POST /v2/atomic_write HTTP/2.0" 500 34 "-" "-" 17 "kv@docker" "http://172.18.0.3:4512" 3ms',
    response({ durationMs: 3 }),
  ],
  'nginx JSON': [
    `{"time":"2026-11-23T05:43:22+00:00","msec":"1795412602.815","request_id":"${ID}","remote_addr":"10.0.0.7","method":"POST","uri":"/v2/atomic_write","status":500,"request_time":"0.003","upstream_response_time":"0.002"}`,
    response({ at: millisecond('2026-11-23T05:43:22.815Z'), requestId: ID, durationMs: 3 }),
  ],
  'nginx JSON with other names': [
    `{"time_local":"23/Nov/2026:05:43:22 +0000","remote_addr":"10.0.0.7","request":"POST /v2/atomic_write HTTP/1.1","status":"500","traceparent":"${TRACEPARENT}","upstream_response_time":"0.002, 0.010"}`,
    response({ requestId: TRACE, durationMs: 2 }),
  ],
  'nginx JSON without an upstream': [
    '{"time_iso8601":"2026-11-23T05:43:22+00:00","remote_addr":"10.0.0.7","request_method":"POST","request_uri":"/v2/atomic_write?a","status":500,"upstream_response_time":"-","x_request_id":"-"}',
    response({}),
  ],
  'Caddy JSON': [
    `{"level":"error","ts":1795412602.815123,"logger":"http.log.access.log0","msg":"handled request","request":{"remote_ip":"10.0.0.7","remote_port":"41532","proto":"HTTP/2.0","method":"POST","host":"kv","uri":"/v2/atomic_write","headers":{"Traceparent":["${TRACEPARENT}"]}},"duration":0.002871,"size":34,"status":500}`,
    response({
      at: { us: us('2026-11-23T05:43:22.815Z', 123), precision: 'microsecond', zone: 'read' },
      requestId: TRACE,
      durationMs: 2.871,
    }),
  ],
  'Traefik JSON': [
    '{"ClientHost":"10.0.0.7","DownstreamStatus":500,"Duration":2871000,"RequestMethod":"POST","RequestPath":"/v2/atomic_write","StartUTC":"2026-11-23T05:43:21.999Z","time":"2026-11-23T05:43:22Z"}',
    response({ durationMs: 2.871 }),
  ],
  'Envoy text': [
    `[2026-11-23T05:43:22.000Z] "POST /v2/atomic_write HTTP/2" 500 - 120 34 15 14 "10.0.0.7" "Deno/2.9.6" "${ID}" "kv:4512" "10.0.0.9:4512"`,
    response({ at: millisecond('2026-11-23T05:43:22.015Z'), requestId: ID, durationMs: 15 }),
  ],
  'Envoy text as Istio has it': [
    `[2026-11-23T05:43:22.000Z] "POST /v2/atomic_write HTTP/2" 503 UF upstream_reset_before_response_started{connection_failure} - "delayed connect error: 111" 120 34 15 - "10.0.0.7" "Deno/2.9.6" "${ID}" "kv:4512" "10.0.0.9:4512" outbound|4512||kv - 10.1.1.1:4512 10.0.0.7:1 - default`,
    response({ status: 503, at: millisecond('2026-11-23T05:43:22.015Z'), requestId: ID, durationMs: 15 }),
  ],
  'HAProxy with the header of syslog': [
    '<134>Nov 23 05:43:22 lb haproxy[14389]: 10.0.0.7:33317 [23/Nov/2026:05:43:22.655] kv-in kv/denokv1 10/0/30/69/109 500 2750 - - ---- 1/1/1/1/0 0/0 {Deno/2.9.6|' +
      `${ID}} {} "POST /v2/atomic_write HTTP/1.1"`,
    response({
      at: { us: us('2026-11-23T05:43:22.764Z'), precision: 'millisecond', zone: 'inferred' },
      requestId: ID,
      durationMs: 109,
    }),
  ],
  'HAProxy, server gone': [
    '10.0.0.7:33317 [23/Nov/2026:05:43:22.655] kv-in~ kv/<NOSRV> 0/-1/-1/-1/0 503 217 - - SC-- 1/1/0/0/0 0/0 "POST /v2/snapshot_read HTTP/1.1"',
    response({
      status: 503,
      path: '/v2/snapshot_read',
      operation: 'snapshot_read',
      at: { us: us('2026-11-23T05:43:22.655Z'), precision: 'millisecond', zone: 'inferred' },
      durationMs: 0,
    }),
  ],
};

describe('access logs', () => {
  it.each(Object.entries(LINES))('%s', (_, [line, expected]) => {
    const { events, parser } = parseBytes(`${line}\n`);
    expect(events.map(contentOf)).toEqual([expected]);
    expect(parser.detection).toMatchObject({ kind: 'proxy', format: 'proxy' });
  });

  it('counts what is no response', () => {
    const [line] = LINES['nginx combined'] ?? [''];
    const { events, parser } = parseBytes(
      `${line}\n${line}\n2026/11/23 05:43:22 [error] 7#7: *1 upstream timed out\n{"status":0,"uri":"/x"}\n`,
    );
    expect(events).toHaveLength(2);
    expect(parser.counts.unrecognised).toBe(2);
  });

  it('reads a wrapped access log', () => {
    const [line] = LINES['nginx JSON'] ?? [''];
    const wrapped = `${JSON.stringify({ log: `${line}\n`, stream: 'stdout', time: '2026-11-23T05:43:22.9Z' })}\n`;
    expect(parseBytes(wrapped).events.map(contentOf)).toEqual([LINES['nginx JSON']?.[1]]);
  });
});
