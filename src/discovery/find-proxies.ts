import type { FoundLog } from './found-log.ts';
import type { HostFiles } from './host-files.ts';

const FILES: readonly string[] = [
  '/var/log/nginx/*access*.log',
  '/var/log/nginx/*access*.json',
  '/var/log/caddy/*.log',
  '/var/log/envoy/*access*.log',
  '/var/log/haproxy.log',
  '/var/log/traefik/*access*.log',
  '/var/log/apache2/*access*.log',
  '/var/log/httpd/*access*log',
];

/** denokv's routes; a proxy serves other sites too, whose failures are none of denokv's. */
const ROUTES = /\/(?:atomic_write|snapshot_read)\b/;

export function findProxies(files: HostFiles): readonly FoundLog[] {
  return FILES.flatMap((pattern) => files.match(pattern)).flatMap((path) =>
    ROUTES.test(files.end(path) ?? '')
      ? [{ kind: 'proxy', paths: [files.at(path)], how: "it names denokv's routes" } satisfies FoundLog]
      : [],
  );
}
