import type { Route } from './detect.ts';
import type { ServiceSink } from './envelopes/service-sink.ts';
import type { FormatReader } from './format-reader.ts';
import type { LineRef } from './line-reader.ts';

interface Lane {
  readonly route: Route;
  readonly reader: FormatReader;
}

/** A program that has not been read within so many of its lines is another one's. */
const LINES_TO_JUDGE = 20;
const MAX_SERVICES = 1000;

/** Gives each line to the reader of the program that wrote it; lines of programs that no reader is for are passed over. */
export class Router implements ServiceSink {
  readonly #lanes: readonly Lane[];
  readonly #onForeign: (ref: LineRef, service: string) => void;
  readonly #laneOf = new Map<string, Lane>();
  readonly #foreignLines = new Map<string, number>();

  constructor(lanes: readonly Lane[], onForeign: (ref: LineRef, service: string) => void) {
    this.#lanes = lanes;
    this.#onForeign = onForeign;
    for (const lane of lanes) for (const service of lane.route.services) this.#laneOf.set(service, lane);
  }

  line(ref: LineRef, service: string): void {
    const lane = this.#laneOf.get(service) ?? this.#judge(ref, service);
    if (lane === null) this.#onForeign(ref, service);
    else lane.reader.line(ref);
  }

  /** A program that was not in the sample (it started later, or its container has a new name) is known by what it writes. */
  #judge(ref: LineRef, service: string): Lane | null {
    const seen = this.#foreignLines.get(service) ?? 0;
    if (seen >= LINES_TO_JUDGE || (seen === 0 && this.#foreignLines.size >= MAX_SERVICES)) return null;
    this.#foreignLines.set(service, seen + 1);
    const text = ref.text.slice(ref.from, ref.to);
    const lane = this.#lanes.find(({ route }) => !route.form.anonymous && route.form.begins(text)) ?? null;
    if (lane !== null) this.#laneOf.set(service, lane);
    return lane;
  }
}
