import type { EffectiveSetting } from './effective.ts';

export function quoteName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** The lines that give a setting another value, where its present one comes from. */
export function changeSetting({ name, origin, context, place }: EffectiveSetting, value: string): readonly string[] {
  if (origin.kind === 'role') {
    const { role, database } = origin;
    return [`${alterTarget(role, database)} SET ${name} = ${quoteText(value)};`, '# for new sessions: restart denokv'];
  }
  if (origin.source === 'command line') {
    return [
      `# it stands on the server's command line (-c ${name}=...), which outweighs all files: change it there, restart`,
    ];
  }
  const set = `ALTER SYSTEM SET ${name} = ${quoteText(value)};`;
  const where = place === null ? [] : [`# or, where ALTER SYSTEM is not to be used, in ${place}`];
  return context === 'postmaster'
    ? [set, '# then restart Postgres', ...where]
    : [`${set} SELECT pg_reload_conf();`, ...where];
}

function alterTarget(role: string, database: string): string {
  if (role === '') return database === '' ? 'ALTER ROLE ALL' : `ALTER DATABASE ${quoteName(database)}`;
  const within = database === '' ? '' : ` IN DATABASE ${quoteName(database)}`;
  return `ALTER ROLE ${quoteName(role)}${within}`;
}
