import { clientOf, requestIdOf, requestLineOf, secondsToMs, statusOf, type AccessForm } from './access-line.ts';
import { parseCommonLogTime } from './common-log-time.ts';

const LINE =
  /^(?:\S+:\d+ )?(\S+) \S+ (?:\S+|"[^"]*"|.{1,60}?) \[([^\]]+)\] "((?:[^"\\]|\\.)*)" (\d{3}) (?:\d+|-)([^]*)$/;
/** What people append: quoted or bare values. */
const VALUE = /"((?:[^"\\]|\\.)*)"|(\S+)/g;
const ID =
  /^(?:[0-9a-f]{16,64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2})$/i;
const SECONDS = /^(?:(?:rt|request_time)=)?"?(\d{1,6}\.\d{3})"?$/;

/** The combined form of nginx, Apache and Traefik (which appends its own), with a request time and a request id where they were added. */
export const combinedAccess: AccessForm = (line, zones) => {
  const match = LINE.exec(line);
  if (match === null) return null;
  const [, client, time = '', request = '', status, rest = ''] = match;
  const code = statusOf(status);
  if (code === null) return null;
  const values = [...rest.matchAll(VALUE)].map(([, quoted, bare]) => quoted ?? bare ?? '');
  const id = values.map((value) => value.replace(/^[a-z_]+=/, '')).find((value) => ID.test(value));
  // Traefik ends its line with the duration: `... "router" "url" 3ms`.
  const traefik = /^(\d+)ms$/.exec(values.at(-1) ?? '')?.[1];
  const seconds = values.map((value) => SECONDS.exec(value)?.[1]).find((value) => value !== undefined);
  return {
    at: parseCommonLogTime(time, zones),
    status: code,
    ...requestLineOf(request),
    requestId: requestIdOf(id),
    client: clientOf(client),
    durationMs: traefik !== undefined ? Number(traefik) : seconds === undefined ? null : secondsToMs(Number(seconds)),
  };
};
