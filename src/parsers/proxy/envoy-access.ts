import { parseRfc3339 } from '../../time/rfc3339.ts';
import { clientOf, requestIdOf, requestLineOf, statusOf, type AccessForm } from './access-line.ts';
import { laterBy } from './common-log-time.ts';

/** `[start] "request" status flags [details of newer releases] received sent duration upstream-time "forwarded-for" "agent" "request-id" "authority" "upstream"`. */
const LINE =
  /^\[(\d{4}-\d\d-\d\dT[\d:.]+Z)\] "([^"]*)" (\d{1,3}) \S+(?: (?![\d-]+ [\d-]+ [\d-]+ [\d-]+ ")[^"]*?(?:"[^"]*")?)? (\d+|-) (\d+|-) (\d+|-) (\d+|-) "([^"]*)" "[^"]*" "([^"]*)"/;

/** Envoy's default text form, with or without the details that Istio adds after the flags. It stamps the start of a request. */
export const envoyAccess: AccessForm = (line) => {
  const match = LINE.exec(line);
  if (match === null) return null;
  const [, start = '', request = '', code, , , duration, , forwardedFor = '', requestId] = match;
  const status = statusOf(code);
  if (status === null) return null;
  const durationMs = duration === undefined || duration === '-' ? null : Number(duration);
  return {
    at: laterBy(parseRfc3339(start), durationMs),
    status,
    ...requestLineOf(request),
    requestId: requestIdOf(requestId),
    client: clientOf(forwardedFor.split(',')[0]?.trim()),
    durationMs,
  };
};
