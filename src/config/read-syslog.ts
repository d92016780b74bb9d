import type { SourceKind } from '../domain.ts';
import type { SyslogConfig } from './config.ts';
import { MAX_SOCKET_PATH_BYTES, isLoopback, isSocketPath, socketPathOf, splitAddress } from './listen-address.ts';
import type { YamlNode } from './yaml-node.ts';

const DEFAULT_MODE = 0o660;

/** What each program calls itself in syslog; a proxy can be any. */
const PROGRAMS: Readonly<Record<SourceKind, readonly string[]>> = {
  denokv: ['denokv'],
  postgres: ['postgres'],
  proxy: [],
};

/** Reads `syslog:` of a source. Relative socket paths are taken from `baseDir`. */
export function readSyslog(kind: SourceKind, node: YamlNode, baseDir: string): SyslogConfig {
  const entries = node.map(['listen', 'program', 'allow_remote', 'mode']);
  const listen = entries.get('listen');
  if (listen === undefined) {
    throw node.fail(
      'config.missing_key',
      'a syslog source needs an address',
      'Add listen: 127.0.0.1:5514, or listen: unix:/run/whyd/syslog.sock.',
    );
  }
  const programs = entries.get('program')?.strings() ?? PROGRAMS[kind];
  const text = listen.string();
  const allowRemote = readFlag(entries.get('allow_remote'));
  const mode = entries.get('mode');
  const path = socketPathOf(text, baseDir);
  if (path === null) {
    if (mode !== undefined) throw mode.fail('config.wrong_key', 'only a unix socket has a mode', 'Take the line out.');
    return { address: readTcp(listen, text, allowRemote), programs };
  }
  if (!isSocketPath(path)) {
    throw listen.fail(
      'config.bad_listen',
      `"${text}" is no path that a socket can have`,
      `Write unix:/run/whyd/syslog.sock; ${String(MAX_SOCKET_PATH_BYTES)} bytes at most.`,
    );
  }
  return { address: { kind: 'unix', path, mode: mode === undefined ? DEFAULT_MODE : readMode(mode) }, programs };
}

function readTcp(node: YamlNode, text: string, allowRemote: boolean): SyslogConfig['address'] {
  const address = splitAddress(text);
  if (address === null || address.host === '' || address.port === 0) {
    throw node.fail(
      'config.bad_listen',
      `"${text}" is not an address to listen on`,
      'Write host:port, for example 127.0.0.1:5514 or [::1]:5514, or unix:/run/whyd/syslog.sock.',
    );
  }
  if (!allowRemote && !isLoopback(address.host)) {
    throw node.fail(
      'config.listen_not_loopback',
      `"${text}" is reachable from other machines, and syslog knows neither who sends nor secrets`,
      'Listen on 127.0.0.1, or add allow_remote: true where a firewall lets in nobody but the log hosts.',
    );
  }
  return { kind: 'tcp', ...address };
}

function readFlag(node: YamlNode | undefined): boolean {
  if (node === undefined) return false;
  const value = node.scalar();
  if (typeof value === 'boolean') return value;
  throw node.fail('config.wrong_type', 'expected true or false', 'Write true or false.');
}

/** YAML 1.2 reads 0660 as a decimal number: the digits as they were written are octal. */
function readMode(node: YamlNode): number {
  const text = node.source();
  if (/^0?o?[0-7]{3}$/.test(text)) return Number.parseInt(text.replace(/^0?o?/, ''), 8);
  throw node.fail(
    'config.wrong_type',
    `"${text}" is not the mode of a socket`,
    'Write 0660, or 0666 to let every account of this host send.',
  );
}
