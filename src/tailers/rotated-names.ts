/** What rotators append: `.1`, `-20261123`, `.2026-11-23-1`. */
const SUFFIX = /^[.-]\d[\d.-]*$/;
const ROTATED_NAME = /^(.*[^.\d-])[.-]\d[\d.-]*$/s;
const INDEX = /^\.(\d{1,4})$/;

export function isRotationSuffix(suffix: string): boolean {
  return SUFFIX.test(suffix);
}

/** `.3` was rotated before `.1`; dates count upwards. Modification times would mislead here: a writer may still hold an older file. */
export function rotatedEarlier(a: string, b: string): number {
  const first = INDEX.exec(a)?.[1];
  const second = INDEX.exec(b)?.[1];
  if (first !== undefined && second !== undefined) return Number(second) - Number(first);
  return a < b ? -1 : Number(a > b);
}

/** The path from which a rotator would have moved or copied this one; null when its name is not of that kind. */
export function rotatedFrom(path: string): string | null {
  const match = ROTATED_NAME.exec(path);
  return match === null ? null : (match[1] ?? null);
}
