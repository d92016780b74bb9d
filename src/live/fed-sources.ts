import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Config, SourceConfig, SyslogConfig } from '../config/config.ts';
import type { FileOpening } from '../domain.ts';
import type { Inlet } from '../tailers/inlet.ts';
import { Spool } from '../tailers/spool.ts';
import { StdinInlet } from '../tailers/stdin-inlet.ts';
import { SyslogListener } from '../tailers/syslog-listener.ts';
import type { SyslogTarget } from '../tailers/syslog-listener.ts';
import type { TailGap } from '../tailers/tail-handler.ts';

export interface FedSources {
  /** All sources; those that no file feeds have their spool for a path. */
  readonly sources: readonly SourceConfig[];
  readonly inlets: readonly Inlet[];
  readonly gapBefore: (opening: FileOpening) => TailGap | null;
}

/** Beside the index, which only the daemon's user can enter. */
const FOLDER = 'spool';

/** Gives the sources that are fed by standard input or by syslog a spool each, opened, and makes what fills it. @throws any error of open(2) */
export function feedSources(config: Config, stdin: Readable, lagBytes: (path: string) => number): FedSources {
  const folder = join(dirname(config.index.path), FOLDER);
  const inlets: Inlet[] = [];
  const spools: Spool[] = [];
  const listeners = new Map<string, { readonly address: SyslogConfig['address']; readonly targets: SyslogTarget[] }>();
  const open = (name: string): Spool => {
    const spool = new Spool({ path: join(folder, name) });
    spool.open();
    spools.push(spool);
    return spool;
  };
  const sources = config.sources.map((source): SourceConfig => {
    if (source.stdin === true) {
      const spool = open(`${source.kind}.stdin.log`);
      inlets.push(new StdinInlet(source.kind, spool, stdin, () => lagBytes(spool.path)));
      return { ...source, paths: [spool.path] };
    }
    if (source.syslog === undefined) return source;
    const { address, programs } = source.syslog;
    const key = JSON.stringify(address);
    const listener = listeners.get(key) ?? { address, targets: [] };
    listeners.set(key, listener);
    const spool = open(`${source.kind}.syslog-${shortHash(`${key} ${programs.join(' ')}`)}.log`);
    listener.targets.push({ kind: source.kind, programs, spool });
    return { ...source, paths: [spool.path] };
  });
  for (const { address, targets } of listeners.values()) {
    const backlogBytes = (): number => targets.reduce((sum, { spool }) => sum + lagBytes(spool.path), 0);
    inlets.push(new SyslogListener(address, targets, backlogBytes));
  }
  const gapBefore = (opening: FileOpening): TailGap | null =>
    spools.map((spool) => spool.gapBefore(opening)).find((gap) => gap !== null) ?? null;
  return { sources, inlets, gapBefore };
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
