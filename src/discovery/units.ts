import { execFile } from 'node:child_process';

/** A systemd service. */
export interface Unit {
  readonly name: string;
  /** The file that it sends its stderr to; null: the journal. */
  readonly logFile: string | null;
}

const TIMEOUT_MS = 5_000;

/** The services by these name patterns; none where there is no systemd. */
export async function listUnits(patterns: readonly string[]): Promise<readonly Unit[]> {
  const args = ['list-units', '--type=service', '--all', '--plain', '--no-legend', '--no-pager', ...patterns];
  const names = (await systemctl(args))
    .split('\n')
    .flatMap((line) => /^\s*([\w@.:\\-]+\.service)\s+loaded\b/.exec(line)?.[1] ?? []);
  const units: Unit[] = [];
  for (const name of names) units.push({ name, logFile: logFileIn(await systemctl(['cat', '--no-pager', name])) });
  return units;
}

/** The last setting wins, and an empty or other one takes it back. */
function logFileIn(text: string): string | null {
  const settings = [...text.matchAll(/^StandardError=(.*)$|^StandardOutput=(.*)$/gm)];
  const output = settings.findLast(([, , value]) => value !== undefined)?.[2]?.trim() ?? 'journal';
  const error = settings.findLast(([, value]) => value !== undefined)?.[1]?.trim() ?? 'inherit';
  const target = error === 'inherit' || error === '' ? output : error;
  return /^(?:file|append|truncate):(\/.+)$/.exec(target)?.[1] ?? null;
}

/** What it prints; nothing where it is missing, fails or does not end. */
function systemctl(args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile('systemctl', [...args], { timeout: TIMEOUT_MS, encoding: 'utf8' }, (error, stdout) => {
      resolve(error === null ? stdout : '');
    });
  });
}
