import type { SourceKind } from '../domain.ts';
import { findContainers } from './find-containers.ts';
import { findDenokv } from './find-denokv.ts';
import { findPostgres } from './find-postgres.ts';
import { findProxies } from './find-proxies.ts';
import type { Discovered, FoundLog, Lack } from './found-log.ts';
import { HostFiles } from './host-files.ts';
import { listUnits } from './units.ts';

export interface DiscoveryOptions {
  /** `/`, or a folder that stands for it. */
  readonly root: string;
}

/** Looks for the logs of denokv, Postgres and proxies where systemd, distributions and containers put them. What it finds is taken; what lacks is said. */
export async function discoverLogs({ root }: DiscoveryOptions): Promise<Discovered> {
  const files = new HostFiles(root);
  const containers = findContainers(files);
  const of = (kind: SourceKind): readonly FoundLog[] => containers.filter((log) => log.kind === kind);
  const denokv = [...findDenokv(files, await listUnits(['denokv*'])), ...of('denokv')];
  const postgres = [...findPostgres(files, await listUnits(['postgresql*', 'postgres*'])), ...of('postgres')];
  const proxies = findProxies(files);
  const logs = [...denokv, ...postgres, ...proxies];
  return { logs, lacks: [...lacking(logs), ...closed(files, logs), ...several(denokv)] };
}

const LACKS: Readonly<Record<SourceKind, Lack>> = {
  denokv: {
    says: 'no denokv log was found (units denokv*, /var/log/denokv, containers): nothing will say which requests failed',
    mend: 'name it in a configuration: sources: [{ kind: denokv, journald: { unit: NAME.service } }], or path: [FILE]',
  },
  postgres: {
    says: 'no Postgres log was found (clusters in /etc/postgresql and /var/lib, /var/log/postgresql, units, containers): causes will be those that denokv itself tells',
    mend: 'name it in a configuration: sources: [{ kind: postgres, path: [/the/folder/*.log] }]',
  },
  proxy: {
    says: "no proxy log that names denokv's routes was found: failures will have no request id",
    mend: 'name it in a configuration: sources: [{ kind: proxy, path: [/var/log/nginx/access.log] }]',
  },
};

function lacking(logs: readonly FoundLog[]): readonly Lack[] {
  const kinds: readonly SourceKind[] = ['denokv', 'postgres', 'proxy'];
  return kinds.flatMap((kind) => (logs.some((log) => log.kind === kind) ? [] : [LACKS[kind]]));
}

const SHOWN = 5;

/** Where both logs were found, what is closed is none of whyd's business: on Debian the data folder always is. */
function closed({ denied }: HostFiles, logs: readonly FoundLog[]): readonly Lack[] {
  const isComplete = ['denokv', 'postgres'].every((kind) => logs.some((log) => log.kind === kind));
  if (denied.length === 0 || isComplete) return [];
  const more = denied.length > SHOWN ? ` and ${String(denied.length - SHOWN)} more` : '';
  return [
    {
      says: `this user may not look into ${denied.slice(0, SHOWN).join(', ')}${more}: there may be logs that were not found`,
      mend: 'join the groups that may (adm, postgres, systemd-journal), or name the logs in a configuration; whyd doctor says what to change',
    },
  ];
}

function several(denokv: readonly FoundLog[]): readonly Lack[] {
  if (denokv.length < 2) return [];
  return [
    {
      says: `${String(denokv.length)} denokv logs were found, joined as if one Postgres stood behind all`,
      mend: 'where each has its own, run one whyd for each pair, with a configuration',
    },
  ];
}
