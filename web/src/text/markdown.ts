import type { Verdict } from '../../../src/domain.ts';
import { formatShare } from './format.ts';
import { head, visibleLine, visibleText } from './visible-text.ts';

/** A ticket is read by people and stored for long: what is longer stands in the log. */
const MOST_LOG_CHARACTERS = 4_000;
const MOST_REMEDIES = 6;

/**
 * The answer as GitHub-flavoured Markdown. What comes from a log is hostile: prose is escaped, whole log texts go into fences that they cannot
 * close, and nobody is mentioned, linked or referred to.
 */
export function markdownOf(verdict: Verdict, origin: string): string {
  const { id, at, operation, requestId, symptom, cause, postgres, root, evidence, remedies, coverage } = verdict;
  const isKnown = cause.certainty !== 'unknown';
  const sections = [
    `### ${isKnown ? `${escapeMarkdown(cause.id)}: ` : ''}${escapeMarkdown(cause.summary)}`,
    [
      `- when: ${at ?? 'no time in the log'}`,
      `- how sure: ${isKnown ? `${cause.certainty}, ${formatShare(cause.confidence)}` : 'not at all'}${coverage.settled ? '' : ' (not settled yet)'}`,
      `- operation: ${operation === null ? 'unknown' : escapeMarkdown(operation)}`,
      ...(cause.sqlstate === null ? [] : [`- SQLSTATE: ${escapeMarkdown(cause.sqlstate)}`]),
      ...(requestId === null ? [] : [`- request: ${escapeMarkdown(requestId)}`]),
      `- failure: ${codeSpan(id)} (${origin}/failures/${encodeURIComponent(id)})`,
      ...coverageNotes(verdict),
    ].join('\n'),
    quote('denokv', symptom),
    postgres === null
      ? '**Postgres** wrote no entry for it.'
      : quote(`Postgres (this line: ${formatShare(postgres.confidence)})`, postgres),
    ...(root === null ? [] : [quote(`Behind it: ${escapeMarkdown(root.cause)}`, root)]),
    listOf(
      'Evidence',
      evidence.map(
        ({ rule, weight, says }) =>
          `${weight >= 0 ? '+' : '−'}${Math.abs(weight).toFixed(1)} ${escapeMarkdown(says)} (${escapeMarkdown(rule)})`,
      ),
    ),
    ...(isKnown || verdict.wouldHelp === undefined
      ? []
      : [
          listOf('What would tell it', [
            `${escapeMarkdown(verdict.wouldHelp.do)} ${escapeMarkdown(verdict.wouldHelp.why)}`,
          ]),
        ]),
    listOf(
      'What to do',
      remedies.slice(0, MOST_REMEDIES).map((remedy) => `${escapeMarkdown(remedy.do)} ${escapeMarkdown(remedy.why)}`),
    ),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

/** What may begin a list, a heading or a rule where a line begins. */
const BEGINNING = /^(?:[-+=]|\d+(?=[.)]))/;

/**
 * One line of prose that no Markdown reader takes for anything else. A zero-width space keeps `@name` and `#12` from becoming a mention or a
 * reference: forges look for those in the rendered text, where a backslash is gone.
 */
export function escapeMarkdown(text: string): string {
  return visibleLine(text)
    .replace(/[\\`*_{}[\]()|<>~&$^]/g, '\\$&')
    .replace(BEGINNING, (start) => (/\d/.test(start) ? `${start}\u200b` : `\\${start}`))
    .replace(/:\/\//g, '\\://')
    .replace(/\bwww\./gi, '$&\u200b')
    .replace(/[@#]/g, '$&\u200b');
}

/** Log text as it stands, in a fence longer than any in it. */
export function fenced(text: string): string {
  const shown = head(visibleText(text), MOST_LOG_CHARACTERS);
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return `${fence}text\n${shown}${shown.length < text.length ? ' …' : ''}\n${fence}`;
}

function codeSpan(text: string): string {
  return `\`${visibleLine(text).replaceAll('`', "'")}\``;
}

function quote(
  title: string,
  { file, line, text }: { readonly file: string; readonly line: number; readonly text: string },
): string {
  return `**${title}** ${codeSpan(`${file}:${line}`)}\n\n${fenced(text)}`;
}

function listOf(title: string, items: readonly string[]): string {
  return items.length === 0 ? '' : `**${title}**\n\n${items.map((item) => `- ${item}`).join('\n')}`;
}

function coverageNotes({ coverage }: Verdict): readonly string[] {
  return (['denokv', 'postgres'] as const)
    .filter((log) => coverage[log] !== 'complete')
    .map((log) => `- coverage: the log of ${log} is ${coverage[log]}`);
}
