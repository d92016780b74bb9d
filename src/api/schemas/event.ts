import { Type } from 'typebox';
import type { LogEvent, LogFormat, Severity, TimelineRole, TimePrecision } from '../../domain.ts';
import { readonlyList } from './readonly-list.ts';
import { SourceKindSchema } from './source.ts';
import {
  Cursor,
  IntegerOrNull,
  oneOf,
  oneOfOrNull,
  pageParameters,
  SqlstateParameter,
  TextOrNull,
  TextParameter,
  TimeOrNull,
  TimeParameter,
} from './words.ts';

const KINDS: readonly LogEvent['kind'][] = [
  'denokv_error',
  'denokv_note',
  'postgres_error',
  'postgres_context',
  'postgres_statement',
  'proxy_response',
  'gap',
];
const FORMATS: readonly LogFormat[] = ['postgres_stderr', 'postgres_csv', 'postgres_json', 'kernel', 'denokv', 'proxy'];
const SEVERITIES: readonly Severity[] = ['DEBUG', 'INFO', 'NOTICE', 'WARNING', 'LOG', 'ERROR', 'FATAL', 'PANIC'];
const PRECISIONS: readonly TimePrecision[] = ['second', 'millisecond', 'microsecond'];
const ROLES: readonly TimelineRole[] = ['symptom', 'entry', 'root', 'session', 'alternative'];

const KindSchema = oneOf(KINDS);
const SeveritySchema = oneOfOrNull(SEVERITIES);

/** An event of the index, field for field as in the domain. */
export const EventSchema = Type.Object({
  id: Type.Integer(),
  file: Type.String(),
  line: Type.Integer({ minimum: 0 }),
  lines: Type.Integer({ minimum: 0 }),
  format: oneOf(FORMATS),
  kind: KindSchema,
  at: TimeOrNull,
  atPrecision: oneOfOrNull(PRECISIONS),
  severity: SeveritySchema,
  pid: IntegerOrNull,
  session: TextOrNull,
  user: TextOrNull,
  database: TextOrNull,
  application: TextOrNull,
  client: TextOrNull,
  sqlstate: TextOrNull,
  message: TextOrNull,
  detail: TextOrNull,
  hint: TextOrNull,
  context: TextOrNull,
  statement: TextOrNull,
  durationMs: Type.Union([Type.Number(), Type.Null()]),
});

export const EventListSchema = Type.Object({
  items: readonlyList(EventSchema, { description: 'newest first' }),
  nextCursor: Cursor,
});

export const EventIdSchema = Type.Object({ id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) });

export const EventQuerySchema = Type.Object(
  {
    since: Type.Optional(TimeParameter),
    until: Type.Optional(TimeParameter),
    kind: Type.Optional(KindSchema),
    severity: Type.Optional(oneOf(SEVERITIES)),
    sqlstate: Type.Optional(SqlstateParameter),
    pid: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
    q: Type.Optional(TextParameter),
    ...pageParameters,
  },
  { additionalProperties: false },
);

const TimelineEntrySchema = Type.Object({
  at: TimeOrNull,
  atPrecision: oneOfOrNull(PRECISIONS),
  source: SourceKindSchema,
  file: Type.String(),
  line: Type.Integer({ minimum: 0 }),
  lines: Type.Integer({ minimum: 0 }),
  kind: KindSchema,
  severity: SeveritySchema,
  pid: IntegerOrNull,
  sqlstate: TextOrNull,
  text: Type.String(),
  role: oneOfOrNull(ROLES),
});

/** Both logs around one failure, in one sequence. */
export const TimelineSchema = Type.Object({
  failureId: Type.String(),
  from: TimeOrNull,
  to: TimeOrNull,
  omitted: Type.Integer({ minimum: 0, description: 'entries that the bound on a timeline left out' }),
  entries: readonlyList(TimelineEntrySchema),
});

export const TimelineQuerySchema = Type.Object(
  {
    window: Type.Optional(
      Type.String({ minLength: 2, maxLength: 16, default: '10s', description: 'a span to each side, at most 10m' }),
    ),
  },
  { additionalProperties: false },
);
