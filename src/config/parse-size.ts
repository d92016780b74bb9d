const UNIT_BYTES: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** The units that a size may carry, for messages. */
export const SIZE_UNITS = 'B, kB, MB, GB, TB, KiB, MiB, GiB or TiB';

/** Bytes of `2GiB`, `500 MB`, `1.5GiB` or a plain count of bytes; null when the text is no size. A bare `2G` is refused: it means two things. */
export function parseSizeBytes(text: string): number | null {
  const match = /^(\d{1,15}(?:\.\d{1,3})?) ?([A-Za-z]{1,3})?$/.exec(text.trim());
  if (match === null) return null;
  const unitBytes = UNIT_BYTES[match[2] ?? 'B'];
  if (unitBytes === undefined) return null;
  const sizeBytes = Math.round(Number(match[1]) * unitBytes);
  return Number.isSafeInteger(sizeBytes) ? sizeBytes : null;
}
