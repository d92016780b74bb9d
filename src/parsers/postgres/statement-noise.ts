/** A duration at or above this makes a statement's entry evidence; below it is noise that some settings print for every statement. */
export const SLOW_STATEMENT_MS = 500;

/** How the messages of `log_statement`, of durations by step, and of pgAudit begin. */
export const NOISE_WORDS = ['statement: ', 'execute ', 'parse ', 'bind ', 'AUDIT: '] as const;

/**
 * A statement that ends other sessions, or what they run, tells whose act that was: it stays. Recognised where the call comes first, as it is typed.
 */
export const ENDING_CALL = { behind: 'SELECT '.length, begins: ['pg_t', 'pg_c'] } as const;
const ENDS_SESSIONS = String.raw`(?:duration: \d+\.\d{3} ms {2})?statement: (?:SELECT|select) pg_(?:terminate|cancel)_backend\b`;

/** The message of a csvlog or jsonlog record is all that stands between these and a quote that is not escaped: no text inside can look like it. */
export const QUOTED_MESSAGE = { csv: ',LOG,00000,"', json: ',"error_severity":"LOG","message":"' } as const;

/**
 * What a server prints for every statement; durations of SLOW_STATEMENT_MS and above are evidence and stay. The scan of src/parsers/scan/
 * passes over what is noise by this definition, and by no wider one.
 */
const NOISE = new RegExp(
  String.raw`(?!${ENDS_SESSIONS})(?:${NOISE_WORDS.join('|')}|duration: (\d+)\.\d{3} ms(?=$|[\r\n:"]| {2}))`,
  'y',
);

/** Whether the message of a LOG entry that begins at `from` is statement noise. */
export function isNoiseAt(text: string, from: number): boolean {
  NOISE.lastIndex = from;
  const match = NOISE.exec(text);
  return match !== null && (match[1] === undefined || Number(match[1]) < SLOW_STATEMENT_MS);
}

/** Whether a record (or the head of one) of csvlog or jsonlog is statement noise. */
export function isNoiseRecord(record: string, form: keyof typeof QUOTED_MESSAGE): boolean {
  const mark = QUOTED_MESSAGE[form];
  const at = record.indexOf(mark);
  return at >= 0 && isNoiseAt(record, at + mark.length);
}
