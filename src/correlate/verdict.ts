import type {
  Coverage,
  Episode,
  Evidence,
  Operation,
  PostgresContextEvent,
  PostgresErrorEvent,
  SourceKind,
  Verdict,
  VerdictAlternative,
  VerdictEntry,
} from '../domain.ts';
import { formatUtc } from '../time/rfc3339.ts';
import { summarise } from './causes/summary.ts';
import { certaintyOf, roundProbability } from './diagnosis/certainty.ts';
import { textOfClaim, type Claim } from './matching/claims.ts';
import type { Diagnosis } from './diagnosis/diagnosis.ts';
import { failureId, issueId } from './identifiers.ts';
import { lastingObject } from './issue-seed.ts';
import { whyLost, type Owners, type Strangers } from './diagnosis/losers.ts';
import { headOfQueue, type LockWait } from './sessions/lock-waits.ts';
import type { Match, Matching } from './matching/match.ts';
import { lacksOf } from './diagnosis/missing-evidence.ts';
import type { Sessions } from './sessions/sessions.ts';
import { requestInStatement } from './requests/statement-request.ts';
import { operationOfUse, shortened } from './identity/statements.ts';

/** What a verdict needs besides its diagnosis. */
export interface VerdictFacts {
  readonly matching: Matching | undefined;
  readonly sessions: Sessions;
  readonly owners: Owners;
  readonly strangers: Strangers;
  readonly coverage: { readonly denokv: Coverage; readonly postgres: Coverage };
  readonly settled: boolean;
  /** The request's id, where a proxy's log gives one. */
  readonly requestId: string | null;
  readonly episode: Episode | undefined;
}

const SOURCE: Readonly<Record<Claim['event']['kind'], SourceKind>> = {
  denokv_error: 'denokv',
  denokv_note: 'denokv',
  proxy_response: 'proxy',
  postgres_error: 'postgres',
};
const MAX_ALTERNATIVES = 5;

/** A failure that was put down to something, with what it is known by. */
export interface JudgedFailure {
  readonly id: string;
  readonly claim: Claim;
  readonly diagnosis: Diagnosis;
  /** What its line says. */
  readonly text: string;
  readonly operation: Operation | null;
}

/** @param ordinal how many lines of the same time and words came before */
export function judged(claim: Claim, diagnosis: Diagnosis, ordinal: number): JudgedFailure {
  const text = textOfClaim(claim);
  const { match } = diagnosis;
  const operation = claim.operation ?? (match === null ? null : operationOfUse(match.candidate.use));
  return { id: failureId(claim.event, text, ordinal), claim, diagnosis, text, operation };
}

/** Dresses a diagnosis as the JSON of the contract. */
export function verdictOf({ id, claim, diagnosis, text, operation }: JudgedFailure, facts: VerdictFacts): Verdict {
  const { event } = claim;
  const { classification, match } = diagnosis;
  const confidence = roundProbability(diagnosis.confidence);
  const lacks = lacksOf({ claim, matching: facts.matching, diagnosis, coverage: facts.coverage.postgres });
  const [firstLack] = lacks;
  return {
    kind: 'failure',
    id,
    at: event.at === null ? null : formatUtc(event.at.us),
    atPrecision: event.at?.precision ?? null,
    status: 500,
    operation,
    requestId: facts.requestId ?? (match === null ? null : requestOf(match)),
    symptom: {
      source: SOURCE[event.kind],
      file: event.citation.file,
      line: event.citation.line,
      byteStart: event.citation.byteStart,
      byteEnd: event.citation.byteEnd,
      text,
    },
    cause: {
      id: classification.row.id,
      category: classification.row.category,
      sqlstate: classification.sqlstate,
      summary: summaryOf(diagnosis, facts.sessions),
      confidence,
      certainty: certaintyOf(classification.row.id, confidence),
    },
    postgres: match === null ? null : entryOf(match.candidate.entry, match.probability),
    alternatives: alternativesTo(claim, match, facts),
    root:
      diagnosis.root === null
        ? null
        : {
            cause: diagnosis.root.cause,
            file: diagnosis.root.entry.citation.file,
            line: diagnosis.root.entry.citation.line,
            text: textOf(diagnosis.root.entry),
          },
    evidence: [
      ...diagnosis.evidence,
      ...strangersBeside(claim, diagnosis, facts.strangers),
      ...lacks.slice(0, 1).map(({ says }) => ({ rule: 'not_available', weight: 0, says })),
    ],
    remedies: classification.row.remedies,
    coverage: { ...facts.coverage, settled: facts.settled },
    ...(event.kind === 'postgres_error' ? { inferred: true as const } : {}),
    issue: issueId({
      cause: classification.row.id,
      sqlstate: classification.sqlstate,
      operation,
      object: lastingObject(classification.objects),
      message: text,
    }),
    ...(diagnosis.cycle === undefined || diagnosis.cycle.length === 0
      ? {}
      : { deadlock: { parties: diagnosis.cycle } }),
    ...(firstLack === undefined ? {} : { notAvailable: lacks.map(({ says }) => says), wouldHelp: firstLack.help }),
    ...(facts.episode === undefined ? {} : { episode: facts.episode }),
  };
}

function entryOf(entry: PostgresErrorEvent, probability: number): VerdictEntry {
  const { file, line, byteStart, byteEnd } = entry.citation;
  return {
    file,
    line,
    byteStart,
    byteEnd,
    pid: entry.pid,
    at: entry.at === null ? null : formatUtc(entry.at.us),
    confidence: roundProbability(probability),
    text: textOf(entry),
  };
}

function alternativesTo(claim: Claim, winner: Match | null, { matching, owners }: VerdictFacts): VerdictAlternative[] {
  const others = (matching?.matches ?? []).filter(({ candidate }) => candidate !== winner?.candidate);
  return others.slice(0, MAX_ALTERNATIVES).map((loser) => ({
    file: loser.candidate.entry.citation.file,
    line: loser.candidate.entry.citation.line,
    confidence: roundProbability(loser.probability),
    why: whyLost({ claim, loser, winner, owners }),
  }));
}

/** Other programs' entries with the same words: they were never in question, and this says why. */
function strangersBeside(claim: Claim, { match }: Diagnosis, strangers: Strangers): Evidence[] {
  const message = claim.body.kind === 'server' ? claim.body.error.message : match?.candidate.entry.message;
  if (message === undefined) return [];
  return strangers.near(message, claim.interval).map(({ entry: { citation }, says }) => ({
    rule: 'ruled_out',
    weight: 0,
    says: `${citation.file}:${String(citation.line)} has the same words, but is ${says}`,
  }));
}

/** Without a proxy's word, what the statement says: if it is more likely than not this failure's. */
function requestOf({ candidate, probability }: Match): string | null {
  return probability >= 0.5 ? requestInStatement(candidate.entry.statement) : null;
}

function textOf(entry: PostgresErrorEvent | PostgresContextEvent): string {
  return `${entry.severity}:  ${entry.message}${entry.detail === null ? '' : `\nDETAIL:  ${entry.detail}`}`;
}

/** The catalogue's sentence, and who held the lock where a wait is known. */
function summaryOf({ classification, cycle = [], wait, root }: Diagnosis, sessions: Sessions): string {
  const { row, objects } = classification;
  const sentence = summarise(row, cycle.length === 0 ? objects : { ...objects, parties: inWords(cycle.length) });
  if (wait !== null) {
    const holders = wait.holders.map((pid) => holderOf(pid, wait, sessions)).join(', ');
    return `${sentence}; it waited for ${wait.lock}${holders === '' ? '' : `, held by ${holders}`}`;
  }
  return root === null ? sentence : `${sentence}; ${root.entry.message}`;
}

const NUMBERS: readonly string[] = ['One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven', 'Eight', 'Nine'];

function inWords(count: number): string {
  return NUMBERS[count - 1] ?? String(count);
}

/** A holder in the same queue is a victim too: who stands at its head is the one to look at. */
function holderOf(pid: number, wait: LockWait, sessions: Sessions): string {
  const head = headOfQueue(pid, wait, sessions);
  const statement = sessions.lastStatement(head, wait.entry);
  const seen = statement === null ? '' : ` (last seen with: ${shortened(statement)})`;
  return head === pid
    ? `pid ${String(pid)}${seen}`
    : `pid ${String(pid)}, which waited itself behind pid ${String(head)}${seen}`;
}
