import type { LineRef } from '../line-reader.ts';

/** Takes the lines that come out of a wrapping, each with the program that wrote it ('' where nothing names one). */
export interface ServiceSink {
  line(ref: LineRef, service: string): void;
}
