import type { HostFiles } from './host-files.ts';

/** Where distributions put a cluster's data. */
const DATA_FOLDERS: readonly string[] = [
  '/var/lib/pgsql/data',
  '/var/lib/pgsql/*/data',
  '/var/lib/postgresql/data',
  '/var/lib/postgresql/*/*',
  '/var/lib/postgres/data',
  '/usr/local/pgsql/data',
  '/usr/local/var/postgres',
  '/usr/local/var/postgresql@*',
];

export interface Cluster {
  readonly name: string;
  readonly conf: string;
  readonly data: string | null;
  /** Where pg_ctlcluster sends the server's stderr. */
  readonly fallback: string | null;
}

/** The clusters of a host. Debian keeps the configuration of each cluster in /etc, which is what pg_lsclusters lists; others keep it with the data. */
export function clusters(files: HostFiles): readonly Cluster[] {
  const debian = files.match('/etc/postgresql/*/*/postgresql.conf').map((conf) => {
    const [, , , version = '', cluster = ''] = conf.split('/');
    const id = `${version}-${cluster}`;
    const data = `/var/lib/postgresql/${version}/${cluster}`;
    return { name: `cluster ${version}/${cluster}`, conf, data, fallback: `/var/log/postgresql/postgresql-${id}.log` };
  });
  const others = DATA_FOLDERS.flatMap((pattern) => files.match(pattern)).map((data) => ({
    name: `the cluster in ${data}`,
    conf: `${data}/postgresql.conf`,
    data,
    fallback: null,
  }));
  return [...debian, ...others];
}
