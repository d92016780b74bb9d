/** A check of one JSON value (undefined where the field is missing): null where it is right, else what it should be. */
type Check = (value: unknown) => string | null;
export type Shape = Check | { readonly [field: string]: Shape } | readonly [Shape];

const text: Check = (value) => (typeof value === 'string' ? null : 'a string');
const number: Check = (value) => (typeof value === 'number' && Number.isFinite(value) ? null : 'a number');
const bool: Check = (value) => (typeof value === 'boolean' ? null : 'true or false');
const probability: Check = (value) =>
  typeof value === 'number' && value >= 0 && value <= 1 ? null : 'a number from 0 to 1';
const line: Check = (value) => (Number.isInteger(value) && (value as number) >= 1 ? null : 'a line from 1 up');
const offset: Check = (value) => (Number.isInteger(value) && (value as number) >= 0 ? null : 'an offset from 0 up');
const time: Check = (value) =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,6}Z$/.test(value) ? null : 'an ISO 8601 UTC time';
const like =
  (pattern: RegExp): Check =>
  (value) =>
    typeof value === 'string' && pattern.test(value) ? null : String(pattern);
const oneOf =
  (...values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value) ? null : `one of ${values.join(', ')}`;
const orNull =
  (shape: Shape): Check =>
  (value) =>
    value === null ? null : (describeShape(value, shape)[0] ?? null);

const optional =
  (shape: Shape): Check =>
  (value) =>
    value === undefined ? null : (describeShape(value, shape)[0] ?? null);

/** `whyd analyze --json`, one line: what scripts rely on. */
export const VERDICT_SHAPE: Shape = {
  kind: oneOf('failure'),
  id: like(/^f_[0-9a-z]{8,}$/),
  at: orNull(time),
  atPrecision: oneOf('second', 'millisecond', 'microsecond', null),
  status: oneOf(500),
  operation: oneOf('atomic_write', 'snapshot_read', null),
  requestId: orNull(text),
  symptom: { source: oneOf('denokv', 'proxy'), file: text, line, byteStart: offset, byteEnd: offset, text },
  cause: {
    id: like(/^[a-z_]+$/),
    category: like(/^[a-z_]+$/),
    sqlstate: orNull(like(/^[0-9A-Z]{5}$/)),
    summary: text,
    confidence: probability,
    certainty: oneOf('certain', 'likely', 'possible', 'unknown'),
  },
  postgres: orNull({
    file: text,
    line,
    byteStart: offset,
    byteEnd: offset,
    pid: orNull(number),
    at: orNull(time),
    confidence: probability,
    text,
  }),
  alternatives: [{ file: text, line, confidence: probability, why: text }],
  root: orNull({ cause: text, file: text, line, text }),
  evidence: [{ rule: like(/^[a-z_]+$/), weight: number, says: text }],
  remedies: [{ do: text, why: text }],
  coverage: {
    denokv: oneOf('complete', 'gap', 'behind', 'absent'),
    postgres: oneOf('complete', 'gap', 'behind', 'absent'),
    settled: bool,
  },
  issue: like(/^i_[0-9a-z]{8,}$/),
  episode: { id: like(/^e_[0-9a-z]{8,}$/), attempt: line },
  deadlock: optional({
    parties: [{ pid: number, waitsFor: text, heldBy: number, statement: orNull(text), application: orNull(text) }],
  }),
  notAvailable: optional([text]),
  wouldHelp: optional({ do: text, why: text }),
};

/** Where a value is not of the shape: one sentence for each place, none when all is right. Fields must be those of the shape exactly. */
export function describeShape(value: unknown, shape: Shape, place = '$'): readonly string[] {
  if (typeof shape === 'function') {
    const wanted = shape(value);
    return wanted === null ? [] : [`${place} is ${JSON.stringify(value)}, not ${wanted}`];
  }
  if (isList(shape)) {
    if (!Array.isArray(value)) return [`${place} is no list`];
    return value.flatMap((item, index) => describeShape(item, shape[0], `${place}[${String(index)}]`));
  }
  if (typeof value !== 'object' || value === null) return [`${place} is no object`];
  const fields = new Map(Object.entries(value));
  const strays = [...fields.keys()].filter((field) => !(field in shape)).map((field) => `${place}.${field} is unknown`);
  const found = Object.entries(shape).flatMap(([field, inner]) =>
    fields.has(field) || typeof inner === 'function'
      ? describeShape(fields.get(field), inner, `${place}.${field}`)
      : [`${place}.${field} is missing`],
  );
  return [...strays, ...found];
}

function isList(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape);
}
