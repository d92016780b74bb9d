import type { ListenAddress } from '../domain.ts';
import { EXIT, WhydError } from '../errors.ts';
import { parseSpanMs } from '../time/parse-time.ts';
import type { Complaints } from './complaints.ts';
import { parseListenAddress } from './listen-address.ts';
import { parseSizeBytes, SIZE_UNITS } from './parse-size.ts';

/** The settings that flags, environment and file can all give; absent: not given there. */
export interface Settings {
  /** Milliseconds; infinite for `all`. */
  readonly since?: number;
  readonly 'index.path'?: string;
  readonly 'index.keep.days'?: number;
  readonly 'index.keep.size'?: number;
  readonly 'api.listen'?: ListenAddress;
  readonly 'api.token_file'?: string;
  readonly 'api.read_token_file'?: string;
  readonly 'api.hosts'?: readonly string[];
  readonly 'api.behind_proxy'?: boolean;
  readonly 'api.tls.cert_file'?: string;
  readonly 'api.tls.key_file'?: string;
  readonly 'api.rate_limit'?: number;
  readonly 'identity.user'?: string;
  readonly 'identity.database'?: string;
  readonly 'identity.application'?: string;
  readonly 'postgres.url_file'?: string;
}

export type SettingKey = keyof Settings;

type Readers = { readonly [Key in SettingKey]-?: (text: string, where: string) => NonNullable<Settings[Key]> };

/** How the text of each setting becomes its value. `where` is the place that a complaint names. */
const READERS: Readers = {
  since: readSince,
  'index.path': readText,
  'index.keep.days': readDays,
  'index.keep.size': readSize,
  'api.listen': parseListenAddress,
  'api.token_file': readText,
  'api.read_token_file': readText,
  'api.hosts': readHosts,
  'api.behind_proxy': readSwitch,
  'api.tls.cert_file': readText,
  'api.tls.key_file': readText,
  'api.rate_limit': readRate,
  'identity.user': readText,
  'identity.database': readText,
  'identity.application': readText,
  'postgres.url_file': readUrlFile,
};

/** By their dotted names: where they stand in the file, and what the environment calls them. */
export const SETTING_KEYS = Object.keys(READERS) as readonly SettingKey[];

/** A setting's text and the place it was read from. */
export interface RawSetting {
  readonly text: string;
  readonly where: string;
}

/** Reads each given text with its setting's reader; a bad one is a complaint that names the place. */
export function readSettings(raw: ReadonlyMap<SettingKey, RawSetting>, complaints: Complaints): Settings {
  const entries: [SettingKey, unknown][] = [];
  for (const [key, { text, where }] of raw) {
    const value = complaints.attempt(() => READERS[key](text, where), null);
    if (value !== null) entries.push([key, value]);
  }
  return Object.fromEntries(entries);
}

/** `index.keep.days` is `WHYD_INDEX_KEEP_DAYS` in the environment. */
export function environmentName(key: SettingKey): string {
  return `WHYD_${key.replaceAll('.', '_').toUpperCase()}`;
}

function readText(text: string, where: string): string {
  if (text.trim() === '')
    throw badValue('config.wrong_type', where, 'is empty', 'Give a value or take the setting out.');
  return text;
}

/** The name of a file. An address put in its place would stand in `ps` and in shell histories, password and all, so it is not repeated here. */
function readUrlFile(text: string, where: string): string {
  if (!/^\s*postgres(?:ql)?:/i.test(text)) return readText(text, where);
  throw badValue(
    'config.secret_in_place',
    where,
    'this is an address, where the name of a file that holds one belongs',
    'Write the address into a file of mode 0600, and name that file; change the password if others could see it here.',
  );
}

function readDays(text: string, where: string): number {
  const days = Number(text);
  if (/^\d{1,5}$/.test(text) && days >= 1) return days;
  throw badValue('config.wrong_type', where, `"${text}" is not a number of days`, 'Write a whole number from 1 up.');
}

/** Names by which callers may address the API, besides those of the loopback; separated by commas. */
function readHosts(text: string, where: string): readonly string[] {
  const hosts = text.split(',').map((host) => host.trim());
  if (hosts.every((host) => /^(?:\[[0-9a-f:.]+\]|[a-z0-9._-]+)$/i.test(host))) return hosts;
  throw badValue(
    'config.wrong_type',
    where,
    `"${text}" holds something that is no host name`,
    'Write names without port.',
  );
}

function readSwitch(text: string, where: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  throw badValue('config.wrong_type', where, `"${text}" is neither true nor false`, 'Write true or false.');
}

function readRate(text: string, where: string): number {
  if (/^\d{1,9}$/.test(text) && Number(text) >= 1) return Number(text);
  throw badValue('config.wrong_type', where, `"${text}" is not a number of requests a minute`, 'Write a whole number.');
}

function readSince(text: string, where: string): number {
  const spanMs = text.trim() === 'all' ? Number.POSITIVE_INFINITY : parseSpanMs(text);
  if (spanMs !== null) return spanMs;
  throw badValue('config.wrong_type', where, `"${text}" is not a span of time`, 'Write 24h, 7d or all.');
}

function readSize(text: string, where: string): number {
  const sizeBytes = parseSizeBytes(text);
  if (sizeBytes !== null && sizeBytes > 0) return sizeBytes;
  throw badValue('config.bad_size', where, `"${text}" is not a size`, `Write a number and a unit: ${SIZE_UNITS}.`);
}

function badValue(code: string, where: string, what: string, hint: string): WhydError {
  return new WhydError(code, `${where}: ${what}`, { hint, exitCode: EXIT.badConfiguration });
}
