import type { Detection } from '../domain.ts';
import { ENVELOPES } from './envelopes/envelopes.ts';
import type { Envelope, EnvelopeContext } from './envelopes/envelope.ts';
import { formsOf, type DetectionHints, type Form } from './forms.ts';

/** The lines of some programs, and the form that they have. */
export interface Route {
  readonly form: Form;
  /** Programs whose lines these are, as the wrapping names them; '' is everybody whom it does not name. */
  readonly services: ReadonlySet<string>;
}

export interface Detected {
  /** Of the route that most lines take. */
  readonly detection: Detection;
  /** Outermost first; empty for a plain file. */
  readonly envelopes: readonly Envelope[];
  /** The commonest first; more than one where a wrapping holds the logs of several programs. */
  readonly routes: readonly Route[];
}

interface Sample {
  readonly text: string;
  readonly service: string;
}

/** A wrapping that fewer lines than this have is something that one program prints. */
const MIN_WRAPPED_SHARE = 0.5;
/** So many wrapped lines say that the wrapping is real: a plain reading, with the wrapping as a part of its prefix, would be a mistake. */
const SURE_WRAPPED_SHARE = 0.9;
/** Of a wrapping that has messages of several lines, so many of the lines have a header at least. */
const MIN_HEADED_SHARE = 0.1;
/** CloudNativePG in CRI in a shipper's JSON is the deepest that there is. */
const MAX_DEPTH = 3;
const MAX_SERVICES = 200;
const POSTGRES_NAME = /postgres|postmaster|\bpg|psql|database/i;

/** Says what a log is from a sample of its lines (latin1): wrapping first, then the form inside. Null when nothing fits. */
export function detect(lines: readonly string[], hints: DetectionHints, context: EnvelopeContext): Detected | null {
  const samples = lines.filter((line) => line !== '').map((text): Sample => ({ text, service: '' }));
  return detectIn(samples, hints, context, 0);
}

function detectIn(
  samples: readonly Sample[],
  hints: DetectionHints,
  context: EnvelopeContext,
  depth: number,
): Detected | null {
  if (samples.length === 0) return null;
  const wrapped: Detected[] = [];
  for (const envelope of depth === MAX_DEPTH ? [] : ENVELOPES) {
    const { inner, share } = unwrapSamples(samples, envelope, context);
    if (share < MIN_WRAPPED_SHARE || envelope.isBorneOut?.(samples.map(({ text }) => text)) === false) continue;
    const found = detectIn(inner.flatMap(linesOf), hints, context, depth + 1);
    if (found === null) continue;
    const whole = { ...found, envelopes: [envelope, ...found.envelopes] };
    if (share >= SURE_WRAPPED_SHARE) return whole;
    wrapped.push(whole);
  }
  const plain = routesOf(samples, hints);
  const candidates = plain === null ? wrapped : [plain, ...wrapped];
  return candidates.toSorted((a, b) => beginningsOf(b) - beginningsOf(a))[0] ?? null;
}

/** What an envelope makes of the lines, and how many of those that should be wrapped are. */
function unwrapSamples(
  samples: readonly Sample[],
  envelope: Envelope,
  context: EnvelopeContext,
): { readonly inner: Sample[]; readonly share: number } {
  const inner: Sample[] = [];
  const pieces = new Map<string, string>();
  let wrapped = 0;
  let bare = 0;
  let marks = 0;
  let above: Sample | null = null;
  for (const sample of samples) {
    const unwrapped = envelope.unwrap(sample.text, context);
    if (unwrapped !== null) {
      const service = unwrapped.service || sample.service;
      above = { text: sample.text, service };
      wrapped++;
      const key = `${service}\0${unwrapped.stream}`;
      const text = (pieces.get(key) ?? '') + unwrapped.text;
      if (unwrapped.partial) {
        pieces.set(key, text);
      } else {
        pieces.delete(key);
        inner.push({ text, service });
      }
    } else if (envelope.marks?.test(sample.text) === true) {
      marks++;
    } else if (above !== null && envelope.continuation !== undefined) {
      const text = envelope.continuation(sample.text, above.text);
      if (text !== null) inner.push({ text, service: above.service });
      bare++;
    }
  }
  for (const [key, text] of pieces) inner.push({ text, service: key.split('\0', 1)[0] ?? '' });
  // A message of several lines has one header; but a few headers do not wrap a whole log.
  const isPlausible = wrapped > 0 && wrapped >= (samples.length - marks) * MIN_HEADED_SHARE;
  return { inner, share: isPlausible ? wrapped / (samples.length - bare - marks) : 0 };
}

function linesOf({ text, service }: Sample): Sample[] {
  return text.split('\n').flatMap((line) => (line === '' ? [] : [{ text: line, service }]));
}

function beginningsOf({ routes }: Detected): number {
  return routes.reduce((sum, { form }) => sum + form.beginnings, 0);
}

/** Each program's lines are looked at for themselves: what one of them prints says nothing about another. */
function routesOf(samples: readonly Sample[], hints: DetectionHints): Detected | null {
  const byService = new Map<string, string[]>();
  for (const { text, service } of samples) {
    const lines = byService.get(service);
    if (lines !== undefined) lines.push(text);
    else if (byService.size < MAX_SERVICES) byService.set(service, [text]);
  }
  const routes: { form: Form; services: Set<string>; most: number }[] = [];
  for (const [service, lines] of byService) {
    const form = formsOf(lines, hints).find(
      ({ anonymous }) => !anonymous || byService.size === 1 || POSTGRES_NAME.test(service),
    );
    if (form === undefined) continue;
    const same = routes.find((route) => isSameForm(route.form, form));
    if (same === undefined) routes.push({ form, services: new Set([service]), most: form.beginnings });
    else merge(same, form, service);
  }
  routes.sort((a, b) => b.form.beginnings - a.form.beginnings);
  const first = routes[0];
  return first === undefined ? null : { detection: first.form.detection, envelopes: [], routes };
}

function merge(route: { form: Form; services: Set<string>; most: number }, form: Form, service: string): void {
  route.services.add(service);
  const beginnings = route.form.beginnings + form.beginnings;
  // The program with most lines shows best what the form is.
  route.form = { ...(form.beginnings > route.most ? form : route.form), beginnings };
  route.most = Math.max(route.most, form.beginnings);
}

function isSameForm(a: Form, b: Form): boolean {
  return a.detection.format === b.detection.format && a.detection.linePrefix === b.detection.linePrefix;
}
