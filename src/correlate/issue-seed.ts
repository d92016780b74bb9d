import type { Verdict } from '../domain.ts';
import { causeById } from './causes/catalogue.ts';
import { findObjects, type CauseObjects } from './causes/summary.ts';
import { normalisedText } from './identifiers.ts';

/** What an issue is called and what it is about. */
export interface IssueSeed {
  readonly object: string | null;
  readonly title: string;
  readonly text: string;
}

/** What stays when a failure is gone, the narrowest first: a constraint names its table, a column may be in any. */
const LASTING = ['constraint', 'relation', 'column', 'function'] as const;

/** The relation, constraint, column or function that a failure is about, and that others may be about as well. */
export function lastingObject(objects: CauseObjects): string | null {
  const name = LASTING.find((one) => objects[one] !== undefined);
  return name === undefined ? null : (objects[name] ?? null);
}

/** The seed of a failure's issue, from what its verdict says. */
export function issueSeedOf({ cause, operation, postgres, symptom }: Verdict): IssueSeed {
  const row = causeById(cause.id);
  const [message = '', detail = null] = (postgres?.text ?? symptom.text).split('\nDETAIL:  ');
  const object = row === null ? null : lastingObject(findObjects(row, message.replace(/^[A-Z]+: {2}/, ''), detail));
  const about = object === null ? '' : ` on ${object}`;
  return {
    object,
    title: `${cause.id.replaceAll('_', ' ')}${about}${operation === null ? '' : ` in ${operation}`}`,
    text: normalisedText(symptom.text),
  };
}
