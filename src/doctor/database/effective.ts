import type { DatabaseFacts, RoleSetting, Seen } from './facts.ts';

/** Where a value comes from: a role's or a database's own setting, or the server's. */
export type Origin =
  | { readonly kind: 'role'; readonly role: string; readonly database: string }
  | { readonly kind: 'server'; readonly source: string };

/** A setting as denokv's sessions get it. */
export interface EffectiveSetting {
  readonly name: string;
  readonly value: string;
  readonly origin: Origin;
  readonly context: string;
  readonly place: string | null;
  readonly pendingRestart: boolean;
}

/** Sources that say something of the doctor's own role, and nothing of the server. */
const OWN_SOURCES: readonly string[] = ['user', 'database', 'database user', 'client', 'session'];

/** The setting that denokv's sessions get; not seen where this role may not know it, or where it has a value of its own. */
export function effective(facts: DatabaseFacts, name: string): Seen<EffectiveSetting> {
  const { settings, denokv } = facts;
  if (!settings.isSeen) return settings;
  const setting = settings.value.get(name);
  const own = facts.roleSettings.isSeen ? strongest(facts.roleSettings.value, name, denokv) : null;
  if (own !== null) {
    const { role, database, value } = own;
    const { context = 'user', place = null } = setting ?? {};
    return {
      isSeen: true,
      value: { name, value, origin: { kind: 'role', role, database }, context, place, pendingRestart: false },
    };
  }
  if (setting === undefined) return { isSeen: false, reason: `the role ${facts.server.role} may not see ${name}` };
  if (OWN_SOURCES.includes(setting.source)) {
    return {
      isSeen: false,
      reason: `the role ${facts.server.role} has a ${name} of its own, which hides the server's`,
    };
  }
  return { isSeen: true, value: { ...setting, origin: { kind: 'server', source: setting.source } } };
}

/** A setting of the role in the database outweighs the role's, that the database's, that the one for all. */
function strongest(all: readonly RoleSetting[], name: string, denokv: DatabaseFacts['denokv']): RoleSetting | null {
  const fitting = all.filter(
    (one) =>
      one.name === name &&
      (one.role === '' || one.role === denokv.role) &&
      (one.database === '' || one.database === denokv.database),
  );
  const weight = ({ role, database }: RoleSetting): number => (role === '' ? 0 : 2) + (database === '' ? 0 : 1);
  return fitting.sort((a, b) => weight(b) - weight(a))[0] ?? null;
}

/** `ALTER ROLE denokv SET lock_timeout`, for sentences. */
export function sayOrigin({ name, origin, place }: EffectiveSetting): string {
  if (origin.kind === 'server') return place === null ? `from ${origin.source}` : `from ${place}`;
  if (origin.role === '') return `set for database ${origin.database}`;
  return `set for role ${origin.role}${origin.database === '' ? '' : ` in database ${origin.database}`} (${name})`;
}
