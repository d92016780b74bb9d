import { unwrapped, type Envelope } from './envelope.ts';

const TIME = String.raw`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d`;
/** Numbers (`cat -n`), a file's name (`grep -H`), labels (`logcli`), or one or two names (`podman logs --names`, `stern`, `aws logs tail`). */
const LEAD_SOURCE = String.raw` *\d+[\t:] ?|[^\s:]{1,200}:(?:\d+:)?|\{[^}\n]{1,400}\} |(?:[^\s"{}]{1,200} ){1,2}`;
const HEADED = new RegExp(String.raw`^(${LEAD_SOURCE})(?=\[?${TIME})`);
const DENOKV = new RegExp(String.raw`^(?:${LEAD_SOURCE})\[${TIME}(?:\.\d{1,9})?Z [A-Z]{4,5}[ \]]`);

/**
 * What a tool puts before each line of a log, with no mark to end it. Something that stands before the time of an entry may as well be part of Postgres'
 * prefix; only what stands before further lines of an entry too is not.
 */
export const named: Envelope = {
  kind: 'named',
  unwrap(line) {
    const lead = HEADED.exec(line)?.[1];
    return lead === undefined ? null : unwrapped(line.slice(lead.length), null, { service: shapeOf(lead) });
  },
  continuation(line, above) {
    const lead = leadLike(above, line);
    return lead === null ? null : line.slice(lead.length);
  },
  isBorneOut(lines) {
    if (lines.some((line) => line.startsWith('\t'))) return false;
    return lines.some((line, index) => {
      const lead = leadLike(lines[index - 1] ?? '', line);
      return DENOKV.test(line) || (lead !== null && line.startsWith('\t', lead.length));
    });
  },
};

/** What the line begins with, if it is as the line above begins: numbers may be others. */
function leadLike(above: string, line: string): string | null {
  const lead = HEADED.exec(above)?.[1];
  if (lead === undefined) return null;
  const same = lead.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`).replaceAll(/ *\d+/g, String.raw` *\d+`);
  return new RegExp(`^${same}`).exec(line)?.[0] ?? null;
}

/** Lines' numbers are nobody's name. */
function shapeOf(lead: string): string {
  return lead.replaceAll(/ *\d+/g, '0').trim();
}
