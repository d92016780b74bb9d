import { nearestWord } from './nearest-word.ts';
import { environmentName, SETTING_KEYS, type RawSetting, type SettingKey } from './settings.ts';

/** Variables that are not settings of the daemon but are whyd's all the same. */
const OTHER_NAMES: readonly string[] = ['WHYD_CONFIG', 'WHYD_URL', 'WHYD_DEBUG'];

/** What the environment sets, and a warning for each `WHYD_*` that nothing reads: a mistyped one would else be silent. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): {
  readonly settings: ReadonlyMap<SettingKey, RawSetting>;
  readonly warnings: readonly string[];
} {
  const settings = new Map<SettingKey, RawSetting>();
  for (const key of SETTING_KEYS) {
    const name = environmentName(key);
    const text = env[name];
    if (text !== undefined) settings.set(key, { text, where: name });
  }
  const known = [...SETTING_KEYS.map(environmentName), ...OTHER_NAMES];
  const strays = Object.keys(env).filter((name) => name.startsWith('WHYD_') && !known.includes(name));
  return { settings, warnings: strays.map((name) => describeStray(name, known)) };
}

function describeStray(name: string, known: readonly string[]): string {
  const nearest = nearestWord(name, known);
  return `${name} is set but whyd does not know it${nearest === null ? '' : `; did you mean ${nearest}?`}`;
}
