/** A host name or a bracketed IPv6 address, with or without a port. */
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i;

/**
 * True when a Host header names one of the allowed hosts, whatever the port. A page that rebinds its own name to 127.0.0.1 sends that name,
 * and is so told from a local caller.
 */
export function isAllowedHost(header: string | undefined, allowed: ReadonlySet<string>): boolean {
  const name = HOST.exec(header ?? '')?.[1];
  return name !== undefined && allowed.has(normaliseHost(name));
}

/** Lower case, IPv6 in brackets, no port: the form in which hosts are compared. */
export function normaliseHost(host: string): string {
  const bare = host.toLowerCase();
  return bare.includes(':') && !bare.startsWith('[') ? `[${bare}]` : bare;
}
