import type { WrittenMessage } from './render-envelopes.ts';

export interface SyslogSettings {
  readonly splitMessages: boolean;
  readonly sequenceNumbers: boolean;
  /** What the daemon does to a message: keep it, write control characters as #ooo, or trim the blanks it begins with as well. */
  readonly daemon: 'raw' | 'escape' | 'trim';
}

const LIMIT = 900;

/** A Postgres log as its own syslog writer and a syslog daemon make it, backends interleaved part by part. */
export function renderSyslog(messages: readonly WrittenMessage[], settings: SyslogSettings): string {
  const sequence = new Map<number, number>();
  const rows = messages.map(({ lines, pid }) => {
    const number = (sequence.get(pid) ?? 1) + 1;
    sequence.set(pid, number);
    const parts = settings.splitMessages ? lines.flatMap(cut) : [lines.join('\n')];
    return parts.map(
      (part, index) =>
        `Nov 23 05:43:26 kv-host postgres[${pid}]: ${tag(settings, number, index + 1)}${written(part, settings)}\n`,
    );
  });
  return interleave(rows, messages).join('');
}

function tag({ splitMessages, sequenceNumbers }: SyslogSettings, number: number, part: number): string {
  if (splitMessages) return sequenceNumbers ? `[${number}-${part}] ` : `[${part}] `;
  return sequenceNumbers ? `[${number}] ` : '';
}

/** At the last blank that fits, which begins the next part; in mid-word when there is none. */
function cut(line: string): string[] {
  const parts: string[] = [];
  let rest = Buffer.from(line);
  while (rest.length > LIMIT) {
    let at = LIMIT;
    while (at > 0 && rest[at] !== 32 && rest[at] !== 9) at--;
    if (at === 0) at = LIMIT;
    parts.push(rest.subarray(0, at).toString());
    rest = rest.subarray(at);
  }
  return [...parts, rest.toString()];
}

function written(part: string, { daemon }: SyslogSettings): string {
  if (daemon === 'raw') return part;
  const shown = daemon === 'trim' ? part.replace(/^[ \t]+/, '') : part;
  return shown.replace(/[\0-\x1f]/g, (char) => `#${char.charCodeAt(0).toString(8).padStart(3, '0')}`);
}

/** Neighbouring messages of different backends, part by part in turns. */
function interleave(rows: readonly string[][], messages: readonly WrittenMessage[]): string[] {
  const out: string[] = [];
  for (let i = 0; i < rows.length; i++) {
    const [first = [], second] = [rows[i], rows[i + 1]];
    if (
      second === undefined ||
      messages[i]?.pid === messages[i + 1]?.pid ||
      first.some((row) => row.trimEnd().includes('\n'))
    ) {
      out.push(...first);
      continue;
    }
    for (let part = 0; part < Math.max(first.length, second.length); part++) {
      out.push(...first.slice(part, part + 1), ...second.slice(part, part + 1));
    }
    i++;
  }
  return out;
}
