import { closeSync, constants, openSync, readFileSync, statSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { userInfo } from 'node:os';
import type { ReadTrouble } from './facts.ts';
import { codeOf } from '../../errors.ts';

/** Who may not read what, in terms of the first thing on the way that is closed. Null when the file can be opened. */
export function whyDenied(path: string, kind: string): ReadTrouble | null {
  for (const folder of foldersOf(path)) {
    if (!canEnter(folder)) return closedFolder(folder);
  }
  try {
    closeSync(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
    return null;
  } catch (error) {
    if (!isDenied(error)) return null;
    return closedFile(path, kind, statSync(path));
  }
}

/** From the root down. */
function foldersOf(path: string): readonly string[] {
  const folder = dirname(path);
  return folder === path ? [] : [...foldersOf(folder), folder];
}

/** Whether names in a folder can be looked up, whichever they are. */
function canEnter(folder: string): boolean {
  try {
    statSync(`${folder}/.`);
    return true;
  } catch (error) {
    return !isDenied(error);
  }
}

function isDenied(error: unknown): boolean {
  return ['EACCES', 'EPERM'].includes(codeOf(error) ?? '');
}

function closedFolder(folder: string): ReadTrouble {
  const stats = statSync(folder);
  const { mode, group } = describe(stats);
  const groupMayEnter = (stats.mode & 0o010) !== 0;
  return {
    reason: `the folder ${folder} is closed to ${whoAmI()} (${mode})`,
    change: groupMayEnter
      ? [`usermod -aG ${group} ${whoAmI()}  # in the unit: SupplementaryGroups=${group}`]
      : [`setfacl -m u:${whoAmI()}:x ${folder}`],
  };
}

function closedFile(path: string, kind: string, stats: Stats): ReadTrouble {
  const { mode, group } = describe(stats);
  const reason = `${path} is closed to ${whoAmI()} (${mode})`;
  const join = `usermod -aG ${group} ${whoAmI()}  # in the unit: SupplementaryGroups=${group}`;
  if ((stats.mode & 0o040) !== 0) return { reason, change: [join] };
  const change =
    kind === 'postgres'
      ? [
          "ALTER SYSTEM SET log_file_mode = '0640'; SELECT pg_reload_conf();",
          `chmod g+r ${path}  # for the file that is there`,
          join,
        ]
      : [
          `setfacl -m u:${whoAmI()}:r ${path}`,
          '# and in the rotation: create 0640, so that the next file can be read too',
        ];
  return { reason, change };
}

function describe(stats: Stats): { readonly mode: string; readonly group: string } {
  const owner = nameIn('/etc/passwd', stats.uid);
  const group = nameIn('/etc/group', stats.gid);
  return { mode: `${owner}:${group} 0${(stats.mode & 0o7777).toString(8)}`, group };
}

/** The name of a user's or group's number; the number itself where there is none. */
function nameIn(file: string, id: number): string {
  try {
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      const [name, , number] = line.split(':');
      if (name !== undefined && number === String(id)) return name;
    }
  } catch {
    // A host without the file has numbers all the same.
  }
  return String(id);
}

/** Whom this process acts as. */
export function whoAmI(): string {
  const uid = process.geteuid?.();
  if (uid !== undefined) return nameIn('/etc/passwd', uid);
  return userInfo().username;
}
