import type { FileIdentity } from '../domain.ts';
import type { TailSource } from './discover.ts';
import type { FollowedFile, TailGap, TailHandler } from './tail-handler.ts';

/**
 * Which generation of a file is being read, its id, and what the handler must still hear about it, in order. Each notice goes once it has
 * been accepted; one that the handler refuses by throwing stays first in the line.
 */
export class Generation {
  readonly #source: TailSource;
  readonly #identity: FileIdentity;
  readonly #handler: TailHandler;
  readonly #notices: (() => void)[] = [];
  #number = 0;
  #fileId: number | null = null;

  constructor(source: TailSource, identity: FileIdentity, handler: TailHandler) {
    this.#source = source;
    this.#identity = identity;
    this.#handler = handler;
  }

  get number(): number {
    return this.#number;
  }

  /** Null until the handler has given it. */
  get fileId(): number | null {
    return this.#fileId;
  }

  get isAnnounced(): boolean {
    return this.#notices.length === 0;
  }

  /** @param continues see FollowedFile */
  followed(path: string, continues: number | null = null): FollowedFile | null {
    if (this.#fileId === null) return null;
    const generation = this.#number;
    const [source, identity, fileId] = [this.#source, this.#identity, this.#fileId];
    return { kind: source.kind, source, path, identity, generation, fileId, continues };
  }

  /** Ends the generation that is open, if any, and begins this one, after a gap if there was one. Call announce() next. */
  begin(number: number, path: string, gap: TailGap | null, openedAtMs: number | null): void {
    const ended = this.followed(path);
    if (ended !== null) {
      this.#notices.push(() => {
        this.#handler.onEnd(ended);
      });
    }
    this.#number = number;
    this.#fileId = null;
    const opening = { kind: this.#source.kind, path, identity: this.#identity, generation: number };
    this.#notices.push(() => {
      this.#fileId = this.#handler.openFile(opening, gap, openedAtMs);
    });
  }

  /** Tells the handler what it does not know yet. @throws whatever it throws; call again later */
  announce(): void {
    for (let notice = this.#notices[0]; notice !== undefined; notice = this.#notices[0]) {
      notice();
      this.#notices.shift();
    }
  }
}
