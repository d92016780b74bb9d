import type { FastifySchemaValidationError } from 'fastify';
import { EXIT, WhydError } from '../errors.ts';

/** What is read of a schema, to say what it allows. */
interface Allows {
  readonly type?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** Ajv tells the schema of what failed when it is verbose. */
type Told = FastifySchemaValidationError & { readonly parentSchema?: Allows };

const PARTS: Readonly<Record<string, { readonly one: string; readonly more: string }>> = {
  body: { one: 'field', more: 'fields' },
  headers: { one: 'header', more: 'headers' },
};
const PARAMETER = { one: 'parameter', more: 'parameters' };
const NAME_MAX_CHARS = 40;

/** The first thing that a request's schema does not allow, by the name of its parameter or field, with what is allowed. */
export function tellInvalid(errors: readonly Told[], where: string): WhydError {
  const [error] = errors;
  const { one, more } = PARTS[where] ?? PARAMETER;
  const known = (): string => {
    const names = Object.keys(error?.parentSchema?.properties ?? {});
    return names.length === 0 ? `no ${more} are taken here` : `${more} taken here: ${names.join(', ')}`;
  };
  const unknown = error?.params['additionalProperty'];
  if (typeof unknown === 'string') return invalid(`there is no ${one} ${shown(unknown)}`, known());
  const missing = error?.params['missingProperty'];
  if (typeof missing === 'string') return invalid(`the ${one} ${shown(missing)} is missing`, known());
  const name = error?.instancePath.slice(1) ?? '';
  if (name === '') return invalid(`the ${where} must be a JSON object`, known());
  return invalid(`the ${one} ${shown(name)} must be ${allowed(error?.parentSchema ?? {})}`);
}

function invalid(message: string, hint?: string): WhydError {
  return new WhydError('request.invalid', message, { exitCode: EXIT.usage, ...(hint === undefined ? {} : { hint }) });
}

function allowed({ type, enum: words, format, pattern, ...bounds }: Allows): string {
  if (words !== undefined) return `one of ${words.join(', ')}`;
  if (format === 'date-time') return 'a time with its zone, like 2026-11-23T14:03:12Z';
  if (pattern !== undefined) return `text that fits ${pattern}`;
  if (type === 'string') return `text${between(' of', bounds.minLength, bounds.maxLength, ' characters')}`;
  if (type === 'integer') return `a whole number${between(' from', bounds.minimum, bounds.maximum)}`;
  return `of the type ${String(type)}`;
}

function between(before: string, from: number | undefined, to: number | undefined, after = ''): string {
  if (from !== undefined && to !== undefined) return `${before} ${String(from)} to ${String(to)}${after}`;
  if (from !== undefined) return ` of at least ${String(from)}${after}`;
  return to === undefined ? '' : ` of at most ${String(to)}${after}`;
}

/** A caller's own word, which someone else's terminal may show: only what a name is made of is told as it is. */
function shown(name: string): string {
  const plain = name.replace(/[^\w.-]/g, '?');
  return plain.length > NAME_MAX_CHARS ? `${plain.slice(0, NAME_MAX_CHARS)}...` : plain;
}
