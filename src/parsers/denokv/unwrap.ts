import type { DenokvErrorBody } from '../../domain.ts';

/** What denokv, its pool and tokio-postgres put around an error, outermost first. */
const WRAPPERS: readonly { readonly text: string; readonly connecting: boolean }[] = [
  { text: 'Database error: ', connecting: false },
  { text: 'Connection failed: ', connecting: true },
  { text: 'Failed to get connection: ', connecting: true },
  { text: 'Pool error: ', connecting: true },
  { text: 'Error occurred while creating a new object: ', connecting: true },
  { text: 'Error occurred while recycling an object: ', connecting: true },
];
/** The severity is localised; DETAIL and HINT are tokio-postgres' own words, with one blank, and stay English. */
const SERVER_ERROR = /^db error: ([^:\s]{1,40}): ([^]*)$/;
const DETAIL = '\nDETAIL: ';
const HINT = '\nHINT: ';

export interface UnwrappedError {
  readonly body: DenokvErrorBody;
  readonly connecting: boolean;
}

/** Takes the wrappers off an error text and says who spoke: the server, a bare `db error`, or the client itself. */
export function unwrapError(text: string): UnwrappedError {
  let rest = text;
  let connecting = false;
  for (let wrapper = wrapperOf(rest); wrapper !== undefined; wrapper = wrapperOf(rest)) {
    connecting ||= wrapper.connecting;
    rest = rest.slice(wrapper.text.length);
  }
  if (rest === 'db error') return { body: { kind: 'bare' }, connecting };
  const server = SERVER_ERROR.exec(rest);
  if (server === null) return { body: { kind: 'client', text: rest }, connecting };
  return { body: { kind: 'server', error: splitSections(server[1] ?? '', server[2] ?? '') }, connecting };
}

function wrapperOf(text: string): (typeof WRAPPERS)[number] | undefined {
  return WRAPPERS.find((wrapper) => text.startsWith(wrapper.text));
}

function splitSections(
  severity: string,
  text: string,
): { severity: string; message: string; detail: string | null; hint: string | null } {
  const hintAt = text.lastIndexOf(HINT);
  const beforeHint = hintAt < 0 ? text : text.slice(0, hintAt);
  const detailAt = beforeHint.indexOf(DETAIL);
  return {
    severity,
    message: detailAt < 0 ? beforeHint : beforeHint.slice(0, detailAt),
    detail: detailAt < 0 ? null : beforeHint.slice(detailAt + DETAIL.length),
    hint: hintAt < 0 ? null : text.slice(hintAt + HINT.length),
  };
}
