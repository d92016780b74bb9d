import { resolve } from 'node:path';
import { Complaints } from './complaints.ts';
import { DEFAULTS, type Config } from './config.ts';
import { NO_CONTENTS, readConfigFile } from './read-file.ts';
import { readApi } from './read-api.ts';
import { readEnvironment } from './read-environment.ts';
import { readSettings, type RawSetting, type SettingKey } from './settings.ts';

export interface LoadConfigInput {
  /** `--config`; null: `WHYD_CONFIG` if set, else no file at all. */
  readonly file: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What the command line set, as text; relative paths are taken from the working folder. */
  readonly flags: ConfigFlags;
}

export interface ConfigFlags {
  readonly since?: string | undefined;
  readonly listen?: string | undefined;
  readonly index?: string | undefined;
  readonly tokenFile?: string | undefined;
  readonly postgresUrlFile?: string | undefined;
}

/**
 * The settings in force: flags > `WHYD_*` > file > defaults. Throws WhydError (exit 78) with file, line and key of all that is wrong.
 * No sources is legal here: verbs that only talk to the daemon need none.
 */
export function loadConfig({ file, env, flags }: LoadConfigInput): Config {
  const fromEnv = env['WHYD_CONFIG'] ?? '';
  const chosenFile = file ?? (fromEnv === '' ? null : fromEnv);
  const complaints = new Complaints();
  const contents = chosenFile === null ? NO_CONTENTS : readConfigFile(chosenFile, complaints);
  const environment = readEnvironment(env);
  const flagged = readFlags(flags);
  const given = {
    // Each origin is read whole, so that a bad value is an error even where a stronger origin overrides it.
    ...readSettings(contents.settings, complaints),
    ...readSettings(environment.settings, complaints),
    ...readSettings(flagged, complaints),
  };
  const sinceMs = given.since ?? DEFAULTS.sinceMs;
  const indexPath = resolve(given['index.path'] ?? DEFAULTS.indexPath);
  const listenPlace = whereOf('api.listen', [flagged, environment.settings, contents.settings]);
  const api = complaints.attempt(() => readApi(given, indexPath, listenPlace), null);
  complaints.raise(chosenFile);
  if (api === null) throw new Error('a complaint about the API was lost');
  return {
    file: chosenFile,
    sources: contents.sources,
    identity: {
      user: given['identity.user'] ?? null,
      database: given['identity.database'] ?? null,
      application: given['identity.application'] ?? null,
    },
    sinceMs: Number.isFinite(sinceMs) ? sinceMs : null,
    index: {
      path: indexPath,
      keep: {
        days: given['index.keep.days'] ?? DEFAULTS.keepDays,
        sizeBytes: given['index.keep.size'] ?? DEFAULTS.keepSizeBytes,
      },
    },
    api,
    postgres: {
      urlFile: given['postgres.url_file'] === undefined ? null : resolve(given['postgres.url_file']),
    },
    sinks: contents.sinks,
    warnings: [...contents.warnings, ...environment.warnings],
  };
}

/** Where a setting's value came from: the strongest origin that gives one. */
function whereOf(key: SettingKey, origins: readonly ReadonlyMap<SettingKey, RawSetting>[]): string {
  return origins.map((origin) => origin.get(key)?.where).find((where) => where !== undefined) ?? key;
}

function readFlags(flags: ConfigFlags): ReadonlyMap<SettingKey, RawSetting> {
  const settings = new Map<SettingKey, RawSetting>();
  if (flags.since !== undefined) settings.set('since', { text: flags.since, where: '--since' });
  if (flags.listen !== undefined) settings.set('api.listen', { text: flags.listen, where: '--listen' });
  if (flags.index !== undefined) settings.set('index.path', { text: flags.index, where: '--index' });
  if (flags.tokenFile !== undefined) settings.set('api.token_file', { text: flags.tokenFile, where: '--token-file' });
  if (flags.postgresUrlFile !== undefined) {
    settings.set('postgres.url_file', { text: flags.postgresUrlFile, where: '--postgres-url-file' });
  }
  return settings;
}
