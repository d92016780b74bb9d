import type { Severity } from '../../../src/domain.ts';
import { tokenizePrefix } from '../../../src/parsers/postgres/line-prefix.ts';

/** One backend process; one without a user is a background process. */
export interface Backend {
  readonly pid: number;
  readonly startSeconds: number;
  readonly type: string;
  readonly user: string | null;
  readonly database: string;
  readonly application: string;
  readonly host: string;
  readonly port: number | null;
}

/** One entry, as the server holds it before it is written. */
export interface Entry {
  readonly backend: Backend;
  readonly atMs: number;
  readonly severity: Severity;
  readonly sqlstate: string;
  readonly message: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly context?: string;
  readonly statement?: string;
}

export interface RenderOptions {
  readonly linePrefix: string;
  readonly verbose?: boolean;
  readonly newline?: string;
}

/** Writes entries as a server with this `log_line_prefix` does; one string an entry. */
export function renderStderr(
  entries: readonly Entry[],
  { linePrefix, verbose = false, newline = '\n' }: RenderOptions,
): string[] {
  const lineNumbers = new Map<number, number>();
  return entries.map((entry) => {
    const sections: [string, string | undefined][] = [
      [entry.severity, (verbose ? `${entry.sqlstate}: ` : '') + entry.message],
      ['DETAIL', entry.detail],
      ['HINT', entry.hint],
      ['CONTEXT', entry.context],
      ['LOCATION', verbose ? 'exec_simple_query, postgres.c:1064' : undefined],
      ['STATEMENT', entry.statement],
    ];
    return sections
      .map(([label, text]) => {
        if (text === undefined) return '';
        const line = (lineNumbers.get(entry.backend.pid) ?? 0) + 1;
        lineNumbers.set(entry.backend.pid, line);
        return `${prefixOf(entry, linePrefix, line)}${label}:  ${text.replaceAll('\n', `${newline}\t`)}${newline}`;
      })
      .join('');
  });
}

function prefixOf(entry: Entry, linePrefix: string, line: number): string {
  const { backend } = entry;
  const isSession = backend.user !== null;
  const values: Readonly<Record<string, string>> = {
    t: `${clock(entry.atMs).slice(0, 19)} UTC`,
    m: `${clock(entry.atMs)} UTC`,
    n: `${String(Math.floor(entry.atMs / 1000))}.${String(entry.atMs % 1000).padStart(3, '0')}`,
    s: `${clock(backend.startSeconds * 1000).slice(0, 19)} UTC`,
    p: String(backend.pid),
    c: `${backend.startSeconds.toString(16)}.${backend.pid.toString(16)}`,
    l: String(line),
    e: entry.sqlstate,
    x: entry.severity === 'LOG' ? '0' : String(700 + (entry.atMs % 50)),
    v: isSession ? `${String(backend.pid % 9)}/${String(line)}` : '',
    b: backend.type,
    P: '',
    Q: entry.severity === 'LOG' ? '0' : '-8420394822930481123',
    i: isSession ? 'SELECT' : '',
    u: isSession ? backend.user : '',
    d: isSession ? backend.database : '',
    a: isSession ? backend.application || '[unknown]' : '',
    h: isSession ? backend.host : '',
    r: isSession ? (backend.port === null ? backend.host : `${backend.host}(${String(backend.port)})`) : '',
    L: isSession ? '10.0.0.1' : '',
  };
  let text = '';
  for (const [raw, padding, escape] of linePrefix.matchAll(/%(-?\d*)([^])|[^%]+/g)) {
    if (escape === undefined) text += raw;
    else if (escape === '%') text += '%';
    else if (escape !== 'q') text += pad(values[escape] ?? '', padding ?? '');
    else if (!isSession) return text;
  }
  return text;
}

/** The fields that a prefix can say at all. */
export function fieldsOf(linePrefix: string): ReadonlySet<string> {
  return new Set(tokenizePrefix(linePrefix).flatMap((token) => (token.kind === 'field' ? [token.field] : [])));
}

/** Padding counts bytes; a negative width stands to the left. */
function pad(value: string, width: string): string {
  const missing = ' '.repeat(Math.max(0, Math.abs(Number(width || 0)) - Buffer.byteLength(value)));
  return width.startsWith('-') ? value + missing : missing + value;
}

function clock(ms: number): string {
  return new Date(ms).toISOString().slice(0, 23).replace('T', ' ');
}

export function renderCsv(entries: readonly Entry[], columns: 23 | 24 | 26 = 26): string[] {
  const quoted = (text: string | undefined): string =>
    text === undefined || text === '' ? '' : `"${text.replaceAll('"', '""')}"`;
  return entries.map((entry, index) => {
    const { backend } = entry;
    const origin =
      backend.user === null ? '' : backend.port === null ? backend.host : `${backend.host}:${String(backend.port)}`;
    const row = [
      `${clock(entry.atMs)} UTC`,
      quoted(backend.user ?? ''),
      backend.user === null ? '' : quoted(backend.database),
      String(backend.pid),
      quoted(origin),
      `${backend.startSeconds.toString(16)}.${backend.pid.toString(16)}`,
      String(index + 1),
      backend.user === null ? '' : quoted('SELECT'),
      `${clock(backend.startSeconds * 1000).slice(0, 19)} UTC`,
      backend.user === null ? '' : '3/4',
      '0',
      entry.severity,
      entry.sqlstate,
      quoted(entry.message),
      quoted(entry.detail),
      quoted(entry.hint),
      '',
      '',
      quoted(entry.context),
      quoted(entry.statement),
      '',
      '',
      backend.user === null ? '""' : `"${backend.application.replaceAll('"', '""')}"`,
      quoted(backend.type),
      '',
      '0',
    ];
    return `${row.slice(0, columns).join(',')}\n`;
  });
}

export function renderJson(entries: readonly Entry[]): string[] {
  return entries.map((entry, index) => {
    const { backend } = entry;
    const isSession = backend.user !== null;
    const record = {
      timestamp: `${clock(entry.atMs)} UTC`,
      ...(isSession ? { user: backend.user, dbname: backend.database } : {}),
      pid: backend.pid,
      ...(isSession ? { remote_host: backend.host } : {}),
      ...(isSession && backend.port !== null ? { remote_port: backend.port } : {}),
      session_id: `${backend.startSeconds.toString(16)}.${backend.pid.toString(16)}`,
      line_num: index + 1,
      ...(isSession ? { ps: 'SELECT' } : {}),
      session_start: `${clock(backend.startSeconds * 1000).slice(0, 19)} UTC`,
      txid: 0,
      error_severity: entry.severity,
      ...(entry.sqlstate === '00000' ? {} : { state_code: entry.sqlstate }),
      message: entry.message,
      detail: entry.detail,
      hint: entry.hint,
      context: entry.context,
      statement: entry.statement,
      ...(isSession && backend.application !== '' ? { application_name: backend.application } : {}),
      backend_type: backend.type,
      query_id: 0,
    };
    return `${JSON.stringify(record)}\n`;
  });
}
