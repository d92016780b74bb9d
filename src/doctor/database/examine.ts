import type { Finding } from '../finding.ts';
import { problem } from '../finding.ts';
import { checkDenokvSettings } from './check-denokv.ts';
import { checkLogging, type LoggingContext } from './check-logging.ts';
import { checkServer } from './check-server.ts';
import { checkTables } from './check-tables.ts';
import { ConnectionError, LIMITS, openDatabase, type ConnectionLimits, type ConnectionTrouble } from './connection.ts';
import type { DatabaseFacts } from './facts.ts';
import { gatherFacts, type KnownIdentity } from './gather.ts';

export interface DatabaseExamination {
  readonly url: string;
  readonly identity: KnownIdentity;
  readonly logging: LoggingContext;
  readonly limits?: ConnectionLimits;
}

/** Connects, looks, and says what it found; a database that cannot be reached is a finding. Throws WhydError (exit 78) for an address that is none. */
export async function examineDatabase(given: DatabaseExamination): Promise<readonly Finding[]> {
  try {
    const database = await openDatabase(given.url, given.limits ?? LIMITS);
    try {
      return judge(await gatherFacts(database, given.identity), given.logging);
    } finally {
      await database.close();
    }
  } catch (error) {
    if (error instanceof ConnectionError) return [unreachable(error.trouble)];
    throw error;
  }
}

/** All that the facts tell. */
export function judge(facts: DatabaseFacts, logging: LoggingContext): readonly Finding[] {
  return [...checkServer(facts), ...checkLogging(facts, logging), ...checkDenokvSettings(facts), ...checkTables(facts)];
}

const REMEDIES: Readonly<Record<string, string>> = {
  '28P01': 'the password in the file is not the one of the role: ALTER ROLE ... PASSWORD ...; or mend the file',
  '28000': 'pg_hba.conf has no line that lets this role in from here: add one, then SELECT pg_reload_conf();',
  '3D000': 'the database at the end of the address does not exist: mend the file',
  '53300': 'no connection is left, which denokv meets too: raise max_connections, or end idle sessions',
  '57P03': 'the server is starting or stopping: try again',
  ECONNREFUSED: 'start the server, or mend host and port in the file; listen_addresses must name this network',
};

function unreachable({ address, reason, code }: ConnectionTrouble): Finding {
  return problem('postgres.connection', {
    says: `cannot connect to ${address}: ${reason}`,
    why: 'nothing of the live database was checked; if denokv uses the same address, each of its requests fails',
    change: [`# ${REMEDIES[code ?? ''] ?? 'mend the address, or the way to the server'}`],
  });
}
