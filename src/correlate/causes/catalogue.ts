import { WhydError } from '../../errors.ts';
import { connectionCauses } from './connection.ts';
import { constraintCauses } from './constraint.ts';
import { dataTypeCauses } from './data-type.ts';
import { deadlockCauses } from './deadlock.ts';
import { internalCauses } from './internal.ts';
import { permissionCauses } from './permission.ts';
import { poolExhaustionCauses } from './pool-exhaustion.ts';
import { resourceCauses } from './resource.ts';
import type { CauseRow, SqlstateClaim } from './row.ts';
import { schemaCauses } from './schema.ts';
import { serializationCauses } from './serialization.ts';
import { serverStateCauses } from './server-state.ts';
import { sqliteCauses } from './sqlite.ts';
import { timeoutCauses } from './timeout.ts';
import { unknownCause } from './unknown.ts';

/** Every cause there is. The order decides where two texts fit: the narrower rows (serialization) stand before the wider (data type). */
export const catalogue: readonly CauseRow[] = [
  ...poolExhaustionCauses,
  ...deadlockCauses,
  ...timeoutCauses,
  ...schemaCauses,
  ...serializationCauses,
  ...dataTypeCauses,
  ...connectionCauses,
  ...serverStateCauses,
  ...constraintCauses,
  ...permissionCauses,
  ...resourceCauses,
  ...internalCauses,
  ...sqliteCauses,
  unknownCause,
];

/** One claim on a code, with its row. */
export interface RowClaim {
  readonly row: CauseRow;
  readonly claim: SqlstateClaim;
}

const rowsById = new Map<string, CauseRow>();
const claims = new Map<string, RowClaim[]>();

for (const row of catalogue) {
  if (rowsById.has(row.id)) reject(`the cause ${row.id} stands twice in the catalogue`);
  if (row.remedies.length < 1 || row.remedies.length > 4) reject(`the cause ${row.id} needs one to four remedies`);
  rowsById.set(row.id, row);
  for (const claim of row.sqlstates) addClaim(row, claim);
}

function addClaim(row: CauseRow, claim: SqlstateClaim): void {
  const known = claims.get(claim.code) ?? [];
  const rival = known.find((other) => other.claim.message === undefined);
  if (claim.message === undefined && rival)
    reject(`${row.id} and ${rival.row.id} both claim all of SQLSTATE ${claim.code}`);
  known.push({ row, claim });
  claims.set(claim.code, known);
}

function reject(what: string): never {
  throw new WhydError('internal.cause_catalogue', what);
}

/** The row of a cause id, or null for an id that the contract does not know. */
export function causeById(id: string): CauseRow | null {
  return rowsById.get(id) ?? null;
}

/** All claims on exactly this code, class or prefix; empty when there is none. */
export function claimsOn(code: string): readonly RowClaim[] {
  return claims.get(code) ?? [];
}
