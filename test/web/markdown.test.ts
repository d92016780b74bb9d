import { Marked, type Token } from 'marked';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../src/domain.ts';
import { escapeMarkdown, fenced, markdownOf } from '../../web/src/text/markdown.ts';
import { verdict } from './verdict.ts';

/** What GitHub-flavoured Markdown makes of a text: the kinds of all tokens, however deep. */
function kindsIn(markdown: string): ReadonlySet<string> {
  const kinds = new Set<string>();
  const marked = new Marked({ gfm: true });
  void marked.walkTokens(marked.lexer(markdown), (token: Token) => {
    kinds.add(token.type);
  });
  return kinds;
}

const HOSTILE = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '[click](javascript:alert(1))',
  '![pixel](https://evil.example/p.png)',
  'https://evil.example/ and www.evil.example and mail@evil.example',
  '**bold** _it_ ~~gone~~ `code`',
  '# heading',
  '- list',
  '1. list',
  '> quote',
  '| a | b |',
  '&lt;b&gt; &#64;team',
  '<!-- comment -->',
  '```\nfence\n```',
  '$$x$$ ^y^',
];

describe('the Markdown of an answer', () => {
  it('says once that a cause is not known, and what would tell it', () => {
    const plain = verdict('f_1');
    const cause = { ...plain.cause, id: 'unknown', summary: 'The cause is not known', confidence: 0 };
    const text = markdownOf(
      {
        ...plain,
        cause: { ...cause, certainty: 'unknown' },
        wouldHelp: { do: 'Give whyd the Postgres log.', why: 'The entry there tells.' },
      },
      'http://127.0.0.1:7433',
    );
    expect(text).toMatch(/^### The cause is not known\n/);
    expect(text).toContain('- how sure: not at all\n');
    expect(text).toContain('Give whyd the Postgres log');
    expect(text).not.toMatch(/unknown|\b0%/);
  });

  it.each(HOSTILE)('makes nothing of %j in prose', (text) => {
    expect(
      [...kindsIn(escapeMarkdown(text))].filter((kind) => !['paragraph', 'text', 'escape'].includes(kind)),
    ).toEqual([]);
  });

  it('makes nothing of any prose', () => {
    const pieces = fc.constantFrom(
      '<',
      '>',
      '[',
      ']',
      '(',
      ')',
      '*',
      '_',
      '`',
      '#',
      '-',
      '+',
      '1.',
      '|',
      '&',
      ';',
      '!',
      'a',
      ' ',
      '~',
      'https://x.y',
      '@me',
      '\n',
      '\\',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 20 }), (parts) => {
        const kinds = kindsIn(`a ${escapeMarkdown(parts.join(''))}`);
        return [...kinds].every((kind) => ['paragraph', 'text', 'escape'].includes(kind));
      }),
    );
  });

  it('mentions and refers to nobody', () => {
    const text = escapeMarkdown('@octo/team fixes #12 and owner/repo#3');
    expect(text).not.toMatch(/@\w/);
    expect(text).not.toMatch(/#\d/);
  });

  it('keeps a log text within its fence, whatever it holds', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('`', '~', '\n', 'a', ' ', '<b>', '````'), { maxLength: 40 }), (parts) => {
        const tokens = new Marked().lexer(fenced(parts.join('')));
        return tokens.length === 1 && tokens[0]?.type === 'code';
      }),
    );
  });

  it('says what, where and how sure, and is cut where a log text is long', () => {
    const answer: Verdict = {
      ...verdict('f_1'),
      symptom: { ...verdict('f_1').symptom, text: `Database error: \u001b[31m\u202e${'x'.repeat(10_000)}` },
    };
    const markdown = markdownOf(answer, 'http://127.0.0.1:7433');
    expect(markdown).toContain('denokv.log:7');
    expect(markdown).toContain('http://127.0.0.1:7433/failures/f_1');
    expect(markdown).toContain('certain, > 99%');
    expect(markdown).toContain('\\e[31m\\u{202e}');
    expect(markdown).not.toMatch(/[\u001b\u202e]/u);
    expect(markdown.length).toBeLessThan(8_000);
  });
});
