/** True for an IANA zone name or an offset that this host's zone data knows. */
export function isKnownZone(zone: string): boolean {
  if (/^[+-]\d{2}(?::?\d{2})?$/.test(zone)) return true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
