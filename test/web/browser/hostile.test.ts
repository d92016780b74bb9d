import { beforeAll, expect, it } from 'vitest';
import { describeInChromium } from './chromium.ts';
import { useLogHost } from './daemon.ts';

/** Longer ago than the joiner waits for what comes late. */
const SECOND = new Date(Date.now() - 120_000).toISOString().slice(0, 19);
const PAYLOAD = [
  '<script>window.pwned = 1</script>',
  '<img src=x onerror="window.pwned = 2">',
  '"><svg onload=window.pwned=3>',
  '<a href="javascript:window.pwned=4">click</a>',
  '\u202egnp.exe\u202c \u200bhidden\u2066',
  '\u001bc\u0007\u009b',
  '{{constructor.constructor("window.pwned = 5")()}}',
].join(' ');
const LONG = 'y'.repeat(60_000);

describeInChromium('hostile log text', (open) => {
  const host = useLogHost((prepared) => {
    prepared.append(
      'denokv.log',
      `[${SECOND}Z ERROR denokv] Database error: Database error: db error: ERROR: ${PAYLOAD} ${LONG}\n`,
    );
    prepared.append(
      'postgres-0.log',
      `${SECOND.replace('T', ' ')}.100 UTC [42] denokv@kv ERROR:  ${PAYLOAD} ${LONG}\n` +
        `${SECOND.replace('T', ' ')}.100 UTC [42] denokv@kv STATEMENT:  UPDATE data_version SET version = version + 1 WHERE k = 0 RETURNING version\n`,
    );
  });

  beforeAll(async () => {
    await host().failures(1);
  }, 60_000);

  it('is text and nothing else on every page that shows it', async () => {
    const [failure] = await host().failures(1);
    const { id = '', issue = '' } = failure ?? {};
    const { page, troubles } = await open(`${host().url}/failures/${id}`, { token: host().token });
    const addresses = [
      `/failures/${id}`,
      '/failures',
      '/',
      '/issues',
      `/issues/${issue}`,
      '/sources',
      `/search?q=${encodeURIComponent(PAYLOAD.slice(0, 60))}`,
    ];
    for (const address of addresses) {
      await page.goto(host().url + address);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await expect.poll(() => page.locator('.loading').count(), { timeout: 40_000 }).toBe(0);
      const found = await page.evaluate(() => ({
        pwned: 'pwned' in window,
        elements: document.querySelectorAll(
          'main script, main img, main a[href^="javascript"], main [onload], main [onerror]',
        ).length,
        invisible: /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u202a-\u202e\u2066-\u2069]/.test(
          document.body.innerText + document.title,
        ),
        isWide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
      }));
      expect(found, address).toEqual({ pwned: false, elements: 0, invisible: false, isWide: false });
    }
    expect(troubles).toEqual([]);
  });

  it('is shown by name where it has no glyph, and cut where it is long', async () => {
    const { page } = await open(`${host().url}/failures/${(await host().failures(1))[0]?.id ?? ''}`, {
      token: host().token,
    });
    const text = page.locator('.chain .log-text').first();
    await text.waitFor();
    const shown = await text.innerText();
    expect(shown).toContain('<script>window.pwned = 1</script>');
    expect(shown).toContain('\\u{202e}gnp.exe');
    expect(shown).toContain('\\ec\\x07\\x9b');
    expect(shown.length).toBeLessThan(2_500);
    await text.getByRole('button', { name: /more characters/ }).click();
    expect((await text.innerText()).length).toBeGreaterThan(10_000);
  });

  it('is copied as Markdown that is inert', async () => {
    const { page } = await open(`${host().url}/failures/${(await host().failures(1))[0]?.id ?? ''}`, {
      token: host().token,
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await page.getByRole('button', { name: 'Copy as Markdown' }).click();
    await page.getByText('copied').waitFor();
    const markdown = await page.evaluate(() => navigator.clipboard.readText());
    expect(markdown).toContain('```text\n');
    const prose = markdown.replace(/```text\n[^]*?\n```/g, '');
    expect(prose).not.toMatch(/(?<!\\)<[a-z]/);
    expect(prose).not.toMatch(/[\u001b\u202e]/u);
  });
});
