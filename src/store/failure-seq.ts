/** So many failures of one microsecond keep their own numbers; more than that take those of the next. */
const SEQ_PER_US = 1024;
/** Beyond the year 2255 all times are one: the product has to fit 63 bits. */
const SEQ_MAX_US = 9_000_000_000_000_000;

/** The lowest number that a failure of that moment can have. */
export function seqFloor(us: number): bigint {
  return BigInt(Math.max(0, Math.min(Math.floor(us), SEQ_MAX_US))) * BigInt(SEQ_PER_US);
}

/** SQL for the next free number at `:orderUs`. Equal times of whole seconds come by the hundred, so the search goes a millisecond far. */
export const NEXT_SEQ = ((): string => {
  const base = `max(0, min(@orderUs, ${String(SEQ_MAX_US)})) * ${String(SEQ_PER_US)}`;
  return `coalesce((SELECT max(seq) + 1 FROM failures WHERE seq >= ${base} AND seq < ${base} + ${String(1000 * SEQ_PER_US)}), ${base})`;
})();
