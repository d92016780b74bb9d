import { clientOf, requestIdOf, requestLineOf, statusOf, type AccessForm } from './access-line.ts';
import { laterBy, parseCommonLogTime } from './common-log-time.ts';

/** `client:port [accept date] frontend backend/server TR/Tw/Tc/Tr/Ta status bytes cookies cookies flags conns queues {headers} "request"`. */
const LINE =
  /^(?:.{0,120}?haproxy\[\d+\]: )?([^\s[\]]+):\d+ \[(\d\d\/[A-Z][a-z]{2}\/\d{4}:[\d:.]+)\] \S+ \S+\/\S+ -?\d+\/-?\d+\/-?\d+\/-?\d+\/\+?(-?\d+) (-?\d+) \+?\d+ \S+ \S+ \S{4} \S+ \S+(?: \{([^}]*)\})?(?: \{[^}]*\})? "([^"]*)"?/;

/** HAProxy's HTTP form (`option httplog`), with the id that is captured as a request header. It stamps the arrival of a request. */
export const haproxyAccess: AccessForm = (line, zones) => {
  const match = LINE.exec(line);
  if (match === null) return null;
  const [, client, accepted = '', total, code, captured, request = ''] = match;
  const status = statusOf(code);
  if (status === null) return null;
  const durationMs = Number(total) < 0 ? null : Number(total);
  const id = captured?.split('|').find((value) => /^[0-9a-f-]{16,64}$/i.test(value));
  return {
    at: laterBy(parseCommonLogTime(accepted, zones), durationMs),
    status,
    ...requestLineOf(request),
    requestId: requestIdOf(id),
    client: clientOf(client),
    durationMs,
  };
};
