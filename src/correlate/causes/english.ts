import { Memo } from '../../memo.ts';
import { french } from './languages/french.ts';
import { georgian } from './languages/georgian.ts';
import { german } from './languages/german.ts';
import { italian } from './languages/italian.ts';
import { japanese } from './languages/japanese.ts';
import { korean } from './languages/korean.ts';
import type { Phrase } from './languages/phrase.ts';
import { russian } from './languages/russian.ts';
import { simplifiedChinese } from './languages/simplified-chinese.ts';
import { spanish } from './languages/spanish.ts';
import { swedish } from './languages/swedish.ts';
import { ukrainian } from './languages/ukrainian.ts';

/** Each language with the words that the server has for what the catalogue of causes knows. */
export const LANGUAGES: readonly (readonly Phrase[])[] = [
  german,
  french,
  spanish,
  italian,
  swedish,
  russian,
  ukrainian,
  georgian,
  japanese,
  korean,
  simplifiedChinese,
];

interface Reading {
  readonly pattern: RegExp;
  readonly english: string;
  /** Number of each place, in the order of the local text. */
  readonly places: readonly string[];
}

const PLACE = /\{(\d)\}/g;
/** Longer messages are an application's own; matching several places in one would cost too much. */
const MAX_CHARS = 1000;
const englishTexts = new Memo<string | null>();
/** A storm's lock waits differ in nothing but their numbers: what is no local text with one number is none with another. */
const NUMBER = /\d+/g;
/** What a storm's log is full of. */
const LOCK_WAIT = /^process \d+ (?:still waiting for|acquired|avoided|detected deadlock|failed to acquire) /;
const isLocal = new Memo<boolean>();
/** By the first character of the local text; '' holds those that begin with a place. */
const readings = new Map<string, Reading[]>();

// The wordier first: `column X does not exist` would take in `column X of relation Y does not exist`.
for (const phrase of LANGUAGES.flat().toSorted(([, a], [, b]) => b.length - a.length)) addReading(phrase);

/**
 * The English of a server message that came in another language, its names and numbers kept; null when it is English already, or not known.
 * A server prints what lc_messages says, and a superuser can change that in one session, so every language is tried.
 */
export function inEnglish(message: string): string | null {
  if (message.length > MAX_CHARS || LOCK_WAIT.test(message)) return null;
  return englishTexts.get(message, (text) => (mayBeLocal(text) ? read(text) : null));
}

/** The English of a message, or the message itself where that is not known. */
export function englishOf(message: string): string {
  return inEnglish(message) ?? message;
}

function mayBeLocal(message: string): boolean {
  const shape = message.replace(NUMBER, '0');
  return isLocal.get(shape, (text) => read(text) !== null);
}

function read(message: string): string | null {
  for (const reading of [...(readings.get(message.charAt(0)) ?? []), ...(readings.get('') ?? [])]) {
    const match = reading.pattern.exec(message);
    if (match === null) continue;
    const values = new Map(reading.places.map((place, at) => [place, match[at + 1] ?? '']));
    return reading.english.replace(PLACE, (whole, place: string) => values.get(place) ?? whole);
  }
  return null;
}

function addReading([english, local]: Phrase): void {
  const places = [...local.matchAll(PLACE)].map((match) => match[1] ?? '');
  const source = local
    .split(PLACE)
    .filter((_, at) => at % 2 === 0)
    .map((literal) => literal.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll(/\s+/g, String.raw`\s+`))
    .join('(.*?)');
  const first = local.startsWith('{') ? '' : local.charAt(0);
  const known = readings.get(first);
  const reading = { pattern: new RegExp(`^${source}$`, 's'), english, places };
  if (known === undefined) readings.set(first, [reading]);
  else known.push(reading);
}
