/** The name is not translated, but the quotes around it and around the value are. */
const CHANGED: readonly RegExp[] = [
  /"log_line_prefix"[^"]{1,80}"(.*)"[^"]*$/s,
  /»log_line_prefix«[^»]{1,80}»(.*)«[^«]*$/s,
  /«[ \u00a0]log_line_prefix[ \u00a0]»[^«]{1,80}«[ \u00a0](.*)[ \u00a0]»[^»]*$/s,
  /«log_line_prefix»[^«]{1,80}«(.*)»[^»]*$/s,
];
/** What Postgres itself sets; `removed from configuration file, reset to default` names no value. */
const STOCK_PREFIX = '%m [%p] ';
const SETTING = 'log_line_prefix';

/** Whether a line's message names the setting. */
export function mayStatePrefix(text: string, from: number, to: number): boolean {
  return text.slice(from, to).includes(SETTING);
}

/**
 * The setting that a reload's message names (`parameter "log_line_prefix" changed to "..."`), the surest source there is.
 * Null for any other message.
 */
export function statedPrefix(message: string): string | null {
  if (!message.includes(SETTING)) return null;
  for (const pattern of CHANGED) {
    const value = pattern.exec(message)?.[1];
    if (value !== undefined) return value;
  }
  return /^[^"]*"log_line_prefix"[^"]*$/.test(message) ? STOCK_PREFIX : null;
}
