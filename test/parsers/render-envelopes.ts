/** A log as the program wrote it, cut into what it wrote at once, and who wrote it. */
export interface WrittenMessage {
  /** Lines of one message, as a plain file would have them. */
  readonly lines: readonly string[];
  readonly pid: number;
}

export interface Program {
  readonly ident: string;
  readonly unit: string;
}

export type Render = (messages: readonly WrittenMessage[], program: Program) => string;

const SECOND = '2026-11-23T05:43:26';
const PIECE = 150;

/** One wrapped line for each line. */
function perLine(wrap: (line: string, message: WrittenMessage, program: Program) => string): Render {
  return (messages, program) =>
    messages.flatMap((message) => message.lines.map((line) => `${wrap(line, message, program)}\n`)).join('');
}

function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  const chars = Array.from(text);
  for (let from = 0; from === 0 || from < chars.length; from += PIECE)
    pieces.push(chars.slice(from, from + PIECE).join(''));
  return pieces;
}

const docker = perLine((line) =>
  piecesOf(line)
    .map((piece, index, all) => {
      const log = index === all.length - 1 ? `${piece}\n` : piece;
      return JSON.stringify({ log, stream: 'stderr', time: `${SECOND}.123456789Z` });
    })
    .join('\n'),
);

const cri = perLine((line) =>
  piecesOf(line)
    .map((piece, index, all) => `${SECOND}.123456789Z stderr ${index === all.length - 1 ? 'F' : 'P'} ${piece}`)
    .join('\n'),
);

function journalRecord(message: unknown, pid: number, { ident, unit }: Program): string {
  return JSON.stringify({
    __REALTIME_TIMESTAMP: '1795412606123456',
    _PID: String(pid),
    SYSLOG_IDENTIFIER: ident,
    _SYSTEMD_UNIT: unit,
    MESSAGE: message,
  });
}

const journal = perLine((line, { pid }, program) => journalRecord(line, pid, program));
const journalBytes = perLine((line, { pid }, program) => journalRecord([...Buffer.from(line)], pid, program));
const journalMultiline: Render = (messages, program) =>
  messages.map(({ lines, pid }) => `${journalRecord(lines.join('\n'), pid, program)}\n`).join('');

/** journalctl's short forms: further lines of a message are padded to the width of the header. */
function headed(header: (program: Program, pid: number) => string): Render {
  return perLine((line, { pid }, program) => `${header(program, pid)} ${line}`);
}
function padded(header: (program: Program, pid: number) => string): Render {
  return (messages, program) =>
    messages
      .map(({ lines, pid }) => {
        const start = `${header(program, pid)} `;
        return lines.map((line, index) => `${index === 0 ? start : ' '.repeat(start.length)}${line}\n`).join('');
      })
      .join('');
}
const bsd = (stamp: string) => (program: Program, pid: number) => `${stamp} kv-host ${program.ident}[${pid}]:`;

const compose = perLine((line, _, { ident }) => `${ident}-1  | ${line}`);
const colouredCompose = perLine((line, _, { ident }) => `\u001b[36m${ident}-1  | \u001b[0m${line}`);
const kubectlPrefix = perLine((line, _, { ident }) => `[pod/${ident}-0/${ident}] ${line}`);
const stamped = perLine((line) => `${SECOND}.123456789Z ${line}`);
const fluentBit = perLine((line, _, { ident }) =>
  JSON.stringify({
    date: 1795412606.123456,
    log: `${line}\n`,
    stream: 'stderr',
    kubernetes: { container_name: ident },
  }),
);
const loki = perLine((line, _, { ident }) =>
  JSON.stringify({ labels: { container: ident }, line, timestamp: `${SECOND}.123456789Z` }),
);
const cloudLogging = perLine((line) =>
  JSON.stringify({ textPayload: line, timestamp: `${SECOND}.123456Z`, severity: 'ERROR' }),
);
const azure = perLine((line) =>
  JSON.stringify({ time: `${SECOND}.123Z`, category: 'Logs', properties: { message: line } }),
);
/** `gcloud logging read --format=json`, with a message of several lines as one entry. */
const prettyCloudLogging: Render = (messages) =>
  `${JSON.stringify(
    messages.map(({ lines }, index) => ({
      insertId: `s=dae;i=${String(index)}`,
      labels: { 'a/b': 'c', levels: [1, true, null] },
      severity: 'ERROR',
      textPayload: lines.join('\n'),
      timestamp: `${SECOND}.123456Z`,
    })),
    null,
    2,
  )}\n`;
const prettyCloudWatch: Render = (messages) =>
  `${JSON.stringify(
    {
      events: messages.flatMap(({ lines }) =>
        lines.map((message, index) => ({ logStreamName: 'kv', timestamp: 1_795_412_606_123 + index, message })),
      ),
    },
    null,
    4,
  )}\n`;
const pm2 = perLine((line, _, { ident }) => `0|${ident}  | ${line}`);
const pm2Times = perLine((line, _, { ident }) => `0|${ident}  | ${SECOND}: ${line}`);
const tai64n = perLine((line) => `@400000006b0647b03a5f1234 ${line}`);
const led = (lead: (ident: string) => string): Render => perLine((line, _, { ident }) => `${lead(ident)}${line}`);
/** A number before each line. */
const numbered = (number: (line: number) => string): Render => {
  return (messages) =>
    messages
      .flatMap(({ lines }) => lines)
      .map((line, index) => `${number(index + 1)}${line}\n`)
      .join('');
};
const journalSeq = perLine((line, { pid }, program) => `\u001e${journalRecord(line, pid, program)}`);
const journalSse = perLine((line, { pid }, program) => `data: ${journalRecord(line, pid, program)}\n`);
const journalFields = (indent: string, cursor: string): Render =>
  perLine((line, { pid }, { ident, unit }) =>
    [
      cursor,
      `${indent}_PID=${pid}`,
      `${indent}SYSLOG_IDENTIFIER=${ident}`,
      `${indent}_SYSTEMD_UNIT=${unit}`,
      `${indent}MESSAGE=${line}`,
      ...(indent === '' ? [''] : []),
    ].join('\n'),
  );
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
/** The console of CloudWatch quotes what has to be; an entry's further lines may stand in the same record. */
const cloudWatchTable: Render = (messages) =>
  `timestamp,message\n${messages.map(({ lines }) => `1795412606123,${/[",\n]/.test(lines.join('\n')) ? quoted(lines.join('\n')) : lines.join('')}\n`).join('')}`;
const datadogTable: Render = (messages, { ident }) =>
  `Date,Host,Service,Message\n${messages
    .flatMap(({ lines }) => lines)
    .map((line) => `${[`${SECOND}.123Z`, 'kv-host', ident, line].map(quoted).join(',')}\n`)
    .join('')}`;
const splunkTable: Render = (messages) =>
  `"_raw","_time"\n${messages
    .flatMap(({ lines }) => lines)
    .map((line) => `${quoted(line)},${quoted(`${SECOND}.123+0000`)}\n`)
    .join('')}`;
const svlogd = perLine((line) => `${SECOND.replace('T', '_')}.12345 ${line}`);
const fly = perLine((line) => `${SECOND}Z app[3d8d9fe5a449] ams [info] ${line}`);
const criOverJson: Render = perLine(
  (line, _, { ident }) =>
    `${SECOND}.123456789Z stdout F ${JSON.stringify({ time: `${SECOND}Z`, message: line, container_name: ident })}`,
);

/** Wrappings that hold any log. */
export const RENDERS: Readonly<Record<string, Render>> = {
  'docker json-file with pieces': docker,
  'CRI with pieces': cri,
  'journalctl -o json': journal,
  'journalctl -o json with byte arrays': journalBytes,
  'journalctl -o json with multi-line messages': journalMultiline,
  'journalctl -o short': headed(bsd('Nov 23 05:43:26')),
  'journalctl -o short, padded': padded(bsd('Nov 23 05:43:26')),
  'journalctl -o short-precise': headed(bsd('Nov 23 05:43:26.123456')),
  'journalctl -o short-iso': headed(bsd(`${SECOND}+0000`)),
  'journalctl -o short-iso-precise': headed(bsd(`${SECOND}.123456+00:00`)),
  'journalctl -o short-unix': headed(bsd('1795412606.123456')),
  'journalctl -o short-monotonic': headed(bsd('[ 3954.420539]')),
  'journalctl -o short-full': headed(bsd('Mon 2026-11-23 05:43:26 UTC')),
  'journalctl -o with-unit': headed(({ unit }, pid) => `Mon 2026-11-23 05:43:26 UTC kv-host ${unit}[${pid}]:`),
  'rsyslog file format': headed(bsd(`${SECOND}.123456+00:00`)),
  'BSD syslog with a priority': headed(({ ident }, pid) => `<134>Nov 23 05:43:26 ${ident}[${pid}]:`),
  'RFC 5424': headed(({ ident }, pid) => `<134>1 ${SECOND}.123456Z kv-host ${ident} ${pid} - [a@1 b="c\\"]"]`),
  // RSYSLOG_SyslogProtocol23Format: %msg% keeps the blank behind the tag.
  'RFC 5424 of rsyslog': headed(({ ident }, pid) => `<134>1 ${SECOND}.123456+00:00 kv-host ${ident} ${pid} - - `),
  'journalctl -o json-seq': journalSeq,
  'journalctl -o json-sse': journalSse,
  'journalctl -o export': journalFields('', '__CURSOR=s=3f;i=1'),
  'journalctl -o verbose': journalFields('    ', 'Mon 2026-11-23 05:43:26.123456 UTC [s=3f;i=1;b=2;m=3;t=4;x=5]'),
  'docker compose logs': compose,
  'docker compose logs in colour': colouredCompose,
  'kubectl logs --prefix': kubectlPrefix,
  'kubectl logs --timestamps': stamped,
  'svlogd -tt': svlogd,
  'TAI64N (s6-log, multilog)': tai64n,
  'pm2 logs': pm2,
  'pm2 logs --timestamp': pm2Times,
  'podman logs --names': led((ident) => `${ident} `),
  stern: led((ident) => `${ident}-0 ${ident} `),
  'aws logs tail': led((ident) => `${SECOND}.123456+00:00 ecs/${ident}/7f3a9 `),
  'aws logs tail --format short': led(() => `${SECOND} `),
  logcli: led((ident) => `${SECOND}Z {job="${ident}", host="kv-1"} `),
  'grep -H': led((ident) => `/var/log/${ident}.log:`),
  'grep -n': numbered((line) => `${String(line)}:`),
  'cat -n': numbered((line) => `${String(line).padStart(6)}\t`),
  'Fly.io': fly,
  'CloudWatch, as a table': cloudWatchTable,
  'Datadog, as a table': datadogTable,
  'Splunk, as a table': splunkTable,
  'fluent-bit': fluentBit,
  Loki: loki,
  'Cloud Logging': cloudLogging,
  'Cloud Logging, several lines an object': prettyCloudLogging,
  'CloudWatch, several lines an object': prettyCloudWatch,
  'Azure diagnostics': azure,
  'JSON in CRI': criOverJson,
};
