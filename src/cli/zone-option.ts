import { InvalidArgumentError } from 'commander';
import { isKnownZone } from '../time/known-zone.ts';

/** Reader of a zone for commander; apart from the other options' because a time needs far more to be read. */
export function zoneOption(text: string): string {
  if (isKnownZone(text)) return text;
  throw new InvalidArgumentError('Write Europe/Rome, UTC or an offset such as +02:00.');
}
