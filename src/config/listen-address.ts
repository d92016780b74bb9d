import { isIPv6 } from 'node:net';
import { resolve } from 'node:path';
import type { ListenAddress, TcpAddress } from '../domain.ts';
import { EXIT, WhydError } from '../errors.ts';

const ADDRESS = /^(?:\[([^\]]*)\]|([^:[\]\s]*)):(\d{1,5})$/;
const UNIX = 'unix:';
/** The longest path that a socket's address can hold (sun_path). */
export const MAX_SOCKET_PATH_BYTES = 107;

/** Parses `127.0.0.1:7433`, `localhost:0`, `[::1]:7433` or `unix:/run/whyd/api.sock`. `where` names the setting for the message. */
export function parseListenAddress(text: string, where: string): ListenAddress {
  const socket = socketPathOf(text, '.');
  const address = socket === null ? splitAddress(text) : { socket };
  if (address !== null && (socket === null || isSocketPath(socket))) return address;
  throw new WhydError('config.bad_listen', `${where}: "${text}" is not an address to listen on`, {
    hint:
      socket === null
        ? 'Write host:port, for example 127.0.0.1:7433 or [::1]:7433, or unix:/run/whyd/api.sock.'
        : `Write unix:/run/whyd/api.sock; ${String(MAX_SOCKET_PATH_BYTES)} bytes at most.`,
    exitCode: EXIT.badConfiguration,
  });
}

/** The path of `unix:path`, taken from `baseDir` where it is relative; null for what does not begin so. An empty path stays empty. */
export function socketPathOf(text: string, baseDir: string): string | null {
  const trimmed = text.trim();
  if (!trimmed.startsWith(UNIX)) return null;
  const path = trimmed.slice(UNIX.length);
  return path === '' ? '' : resolve(baseDir, path);
}

/** Whether a socket's address can hold the path. */
export function isSocketPath(path: string): boolean {
  return path !== '' && Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES;
}

/** Null for what is no host and port. */
export function splitAddress(text: string): TcpAddress | null {
  const [, bracketed, plain, portText] = ADDRESS.exec(text.trim()) ?? [];
  const port = Number(portText);
  if (portText === undefined || port > 65_535 || (bracketed !== undefined && !isIPv6(bracketed))) return null;
  return { host: (bracketed ?? plain ?? '').toLowerCase(), port };
}

/** As it is written in a configuration. */
export function showAddress(listen: ListenAddress): string {
  if ('socket' in listen) return `${UNIX}${listen.socket}`;
  return `${listen.host.includes(':') ? `[${listen.host}]` : listen.host}:${String(listen.port)}`;
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
