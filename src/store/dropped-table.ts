import type { Database } from 'better-sqlite3';
import type { Dropped } from '../domain.ts';
import { parseRfc3339 } from '../time/rfc3339.ts';

/** A dropped request as the joiner's round sees it. */
export interface JoinedDropped {
  readonly dropped: Dropped;
  /** Whether it is final: what is stored as final is kept, since a later window may hold less of what it rested on. */
  readonly isSettled: boolean;
}

interface NewDropped {
  readonly id: string;
  readonly orderUs: number;
  readonly requestId: string | null;
  readonly settled: number;
  readonly body: string;
}

/** Requests that got no answer at all, each as it was told last. */
export class DroppedTable {
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: Database) {
    this.#statements = prepare(database);
  }

  /** @param atMs wall clock of the save, milliseconds since the epoch: the time of those whose log prints none */
  save(joined: readonly JoinedDropped[], atMs: number): void {
    for (const { dropped, isSettled } of joined) {
      const { id, at, requestId } = dropped;
      const orderUs = (at === null ? undefined : parseRfc3339(at)?.us) ?? atMs * 1000;
      this.#statements.upsert.run({
        id,
        orderUs,
        requestId,
        settled: Number(isSettled),
        body: JSON.stringify(dropped),
      });
    }
  }

  /** By its own id, or by the request's; in order of time. */
  find(id: string, limit: number): readonly Dropped[] {
    return this.#statements.find.all({ id, limit }).map(({ body }) => JSON.parse(body) as Dropped);
  }
}

function prepare(database: Database) {
  return {
    upsert: database.prepare<[NewDropped]>(
      `INSERT INTO dropped (id, order_us, request_id, settled, body) VALUES (@id, @orderUs, @requestId, @settled, @body)
       ON CONFLICT (id) DO UPDATE SET settled = excluded.settled, body = excluded.body
       WHERE settled = 0`,
    ),
    find: database.prepare<[{ id: string; limit: number }], { body: string }>(
      'SELECT body FROM dropped WHERE id = @id OR request_id = @id ORDER BY order_us LIMIT @limit',
    ),
  };
}
