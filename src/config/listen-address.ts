import { isIPv6 } from 'node:net';
import { EXIT, WhydError } from '../errors.ts';
import type { ListenAddress } from './config.ts';

const ADDRESS = /^(?:\[([^\]]*)\]|([^:[\]\s]*)):(\d{1,5})$/;

/** Parses `127.0.0.1:7433`, `localhost:0` or `[::1]:7433`. `where` names the setting for the message. */
export function parseListenAddress(text: string, where: string): ListenAddress {
  const address = splitAddress(text);
  if (address === null) {
    throw new WhydError('config.bad_listen', `${where}: "${text}" is not an address to listen on`, {
      hint: 'Write host:port, for example 127.0.0.1:7433 or [::1]:7433.',
      exitCode: EXIT.badConfiguration,
    });
  }
  return address;
}

/** Null for what is no host and port. */
export function splitAddress(text: string): ListenAddress | null {
  const [, bracketed, plain, portText] = ADDRESS.exec(text.trim()) ?? [];
  const port = Number(portText);
  if (portText === undefined || port > 65_535 || (bracketed !== undefined && !isIPv6(bracketed))) return null;
  return { host: (bracketed ?? plain ?? '').toLowerCase(), port };
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
