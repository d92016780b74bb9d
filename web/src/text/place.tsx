import type { JSX } from 'preact';
import { visibleText } from './visible-text.ts';

interface PlaceProps {
  readonly file: string;
  readonly line: number;
  readonly byteStart?: number;
  readonly byteEnd?: number;
}

/** Where something stands in a log, as a shell or an editor takes it. */
export function Place({ file, line, byteStart, byteEnd }: PlaceProps): JSX.Element {
  return (
    <span class="mono place" {...(byteStart === undefined ? {} : { title: `bytes ${byteStart} to ${byteEnd ?? ''}` })}>
      {visibleText(file)}:{line}
    </span>
  );
}
