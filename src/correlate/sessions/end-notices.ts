import type { DenokvEvent, DenokvNoteEvent } from '../../domain.ts';
import { classifyServerError } from '../causes/classify.ts';
import { countWhile } from '../timing/partition.ts';

/** What a notice may say of a server that goes, by the cause that it names. */
const ENDS: ReadonlySet<string> = new Set(['server_crash', 'server_shutdown']);
/** A session's end follows its notice at once. */
const SOON_US = 2_000_000;
const SEVERITY = /^([A-Z]+): /;

interface Notice {
  readonly byteStart: number;
  readonly us: number | null;
  readonly cause: string;
}

/**
 * What Postgres told denokv's sessions as it went ("terminating connection because of crash of another server process"): all that stands in either log
 * about the end of one of them. In each log of denokv's by place.
 */
export class EndNotices {
  readonly #byFile = new Map<number, Notice[]>();

  /** `events` in order. */
  constructor(events: readonly DenokvEvent[]) {
    for (const event of events) {
      const cause = event.kind === 'denokv_note' && event.topic === 'connection_notice' ? causeOf(event) : null;
      if (cause === null) continue;
      const { fileId, byteStart } = event.citation;
      const notice = { byteStart, us: event.at?.us ?? null, cause };
      const own = this.#byFile.get(fileId);
      if (own === undefined) this.#byFile.set(fileId, [notice]);
      else own.push(notice);
    }
  }

  /** What the last notice before a line says, if that was just then. */
  causeBefore({ citation: { fileId, byteStart }, at }: Pick<DenokvEvent, 'citation' | 'at'>): string | null {
    const own = this.#byFile.get(fileId);
    if (own === undefined) return null;
    const last = own[countWhile(own, (notice) => notice.byteStart < byteStart) - 1];
    if (last === undefined) return null;
    return at === null || last.us === null || at.us - last.us <= SOON_US ? last.cause : null;
  }
}

function causeOf({ text }: DenokvNoteEvent): string | null {
  const severity = SEVERITY.exec(text)?.[1] ?? 'WARNING';
  const message = text.replace(SEVERITY, '');
  const { row } = classifyServerError({ sqlstate: null, severity, message, context: null });
  return ENDS.has(row.id) ? row.id : null;
}
