import { dirname } from 'node:path';
import type { SourceKind } from '../domain.ts';
import type { FoundLog } from './found-log.ts';
import type { HostFiles } from './host-files.ts';

/** What containers of a kind are made from, and called. */
const NAMES: readonly (readonly [SourceKind, RegExp])[] = [
  ['denokv', /denokv/i],
  ['postgres', /postgres|timescale|pgvector|postgis/i],
];

/** The logs of docker's containers and of Kubernetes' pods, by the names of images and containers. */
export function findContainers(files: HostFiles): readonly FoundLog[] {
  return [...docker(files), ...kubernetes(files)];
}

function docker(files: HostFiles): readonly FoundLog[] {
  return files.match('/var/lib/docker/containers/*/*-json.log').flatMap((path) => {
    const { image, name } = containerOf(files.text(`${dirname(path)}/config.v2.json`));
    const kind = kindOf(image) ?? kindOf(name);
    return kind === null
      ? []
      : [{ kind, paths: [files.at(path)], how: `docker container ${name === '' ? image : name}` }];
  });
}

function containerOf(text: string | null): { readonly image: string; readonly name: string } {
  try {
    const config: unknown = JSON.parse(text ?? '');
    const field = (from: unknown, key: string): unknown =>
      typeof from === 'object' && from !== null ? Reflect.get(from, key) : null;
    const image = field(field(config, 'Config'), 'Image');
    const name = field(config, 'Name');
    return {
      image: typeof image === 'string' ? image : '',
      name: typeof name === 'string' ? name.replace(/^\//, '') : '',
    };
  } catch {
    return { image: '', name: '' };
  }
}

/** `POD_NAMESPACE_CONTAINER-ID.log`: the container's part counts, since a pod of denokv may hold others. One pattern a container outlives its restarts. */
function kubernetes(files: HostFiles): readonly FoundLog[] {
  const found = new Map<string, FoundLog>();
  for (const path of files.match('/var/log/containers/*.log')) {
    const [, pod, namespace, container] = /([^/_]+)_([^_]+)_(.+)-[0-9a-f]{12,64}\.log$/.exec(path) ?? [];
    if (pod === undefined || namespace === undefined || container === undefined) continue;
    const kind = kindOf(container);
    if (kind === null) continue;
    const pattern = `/var/log/containers/${pod}_${namespace}_${container}-*.log`;
    found.set(pattern, { kind, paths: [files.at(pattern)], how: `container ${container} of pod ${namespace}/${pod}` });
  }
  return [...found.values()];
}

function kindOf(name: string): SourceKind | null {
  return NAMES.find(([, pattern]) => pattern.test(name))?.[0] ?? null;
}
