import type { CauseCategory } from '../../src/domain.ts';

/**
 * How a cause looks wherever it appears: a colour for its category, a texture for its place among the causes of that category. The colours are
 * told apart by colour-blind eyes (after Okabe and Ito); the texture and the name beside it say the rest.
 */
export interface CauseLook {
  /** 0 to 8; a class `hue-N` in the styles. */
  readonly hue: number;
  readonly texture: Texture;
}

const TEXTURES = ['plain', 'rising', 'dots', 'falling', 'level', 'grid', 'upright'] as const;
export type Texture = (typeof TEXTURES)[number];

const HUES: Readonly<Record<CauseCategory, number>> = {
  connection: 1,
  timeout: 2,
  deadlock: 3,
  pool_exhaustion: 4,
  schema: 5,
  constraint: 6,
  resource: 7,
  permission: 5,
  data_type: 4,
  serialization: 6,
  internal: 8,
  sqlite: 8,
  unknown: 0,
};

/** First where the texture begins: categories that share a hue begin elsewhere. */
const FIRST_TEXTURE: Partial<Readonly<Record<CauseCategory, number>>> = {
  permission: 4,
  data_type: 2,
  serialization: 4,
  sqlite: 3,
};

const ORDER: Partial<Readonly<Record<CauseCategory, readonly string[]>>> = {
  pool_exhaustion: ['too_many_connections', 'pool_timeout', 'pool_closed'],
  timeout: [
    'statement_timeout',
    'lock_timeout',
    'query_canceled',
    'lock_not_available',
    'idle_in_transaction_timeout',
    'transaction_timeout',
  ],
  schema: ['missing_relation', 'missing_column', 'missing_function', 'missing_schema', 'syntax_error', 'stale_plan'],
  connection: [
    'connection_refused',
    'connection_lost',
    'server_shutdown',
    'server_crash',
    'backend_terminated',
    'server_starting',
    'authentication_failed',
  ],
  constraint: [
    'unique_violation',
    'check_violation',
    'not_null_violation',
    'foreign_key_violation',
    'raised_exception',
  ],
  resource: ['disk_full', 'out_of_memory', 'out_of_locks', 'temp_limit', 'size_limit', 'io_error'],
};

export function lookOf(cause: string, category: string): CauseLook {
  if (!isCategory(category) || category === 'unknown') return { hue: 0, texture: 'plain' };
  const known = ORDER[category]?.indexOf(cause) ?? -1;
  // One that the table does not know yet still looks the same each time.
  const place = known === -1 ? cause.length : known;
  const texture = TEXTURES[((FIRST_TEXTURE[category] ?? 0) + place) % TEXTURES.length] ?? 'plain';
  return { hue: HUES[category], texture };
}

function isCategory(text: string): text is CauseCategory {
  return Object.hasOwn(HUES, text);
}
