import { createRequire } from 'node:module';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { describeInChromium } from './chromium.ts';
import { useLogHost } from './daemon.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** A folder: then pictures of each page are put there (`WHYD_SCREENSHOTS=docs/dashboard npm test -- test/web/browser/pages.test.ts`). */
const SCREENSHOTS = process.env['WHYD_SCREENSHOTS'];
const CAPTURE = 'csvlog-16';
/** Longer than the joiner waits for what comes late. */
const AGO_MS = 120_000;
const EXPECTED_FAILURES = 83;

interface PageCase {
  readonly name: string;
  readonly address: (ids: Ids) => string;
  /** Seen once the page is whole. */
  readonly ready: string;
}

interface Ids {
  readonly failure: string;
  readonly issue: string;
}

const PAGES: readonly PageCase[] = [
  { name: 'now', address: () => '/', ready: '.rate-plot canvas' },
  { name: 'failure', address: ({ failure }) => `/failures/${failure}`, ready: '.timeline .role-symptom' },
  { name: 'failures', address: () => '/failures', ready: '.grid-body [role=row]' },
  { name: 'issues', address: () => '/issues', ready: 'table.issues' },
  { name: 'issue', address: ({ issue }) => `/issues/${issue}`, ready: 'table.failures' },
  { name: 'incidents', address: () => '/incidents', ready: '.card.incident' },
  { name: 'search', address: () => '/search?q=atomic_write', ready: 'table.failures' },
  { name: 'sources', address: () => '/sources', ready: '.card.source' },
];

describeInChromium('the pages', (open) => {
  const host = useLogHost((prepared) => {
    prepared.write(CAPTURE, AGO_MS);
  });
  let ids: Ids = { failure: '', issue: '' };

  beforeAll(async () => {
    const failures = await host().failures(EXPECTED_FAILURES);
    const told = failures.find(({ cause }) => cause.id === 'unique_violation') ?? failures[0];
    ids = { failure: told?.id ?? '', issue: told?.issue ?? '' };
  }, 70_000);

  it.each(['light', 'dark'] as const)(
    'have no fault that axe finds, in %s',
    async (colorScheme) => {
      const { page, troubles } = await open(`${host().url}/sources`, { token: host().token, colorScheme });
      for (const { name, address, ready } of PAGES) {
        await page.goto(host().url + address(ids));
        await page.locator(ready).first().waitFor();
        if (SCREENSHOTS !== undefined) await shoot(page, `${name}${colorScheme === 'dark' ? '-dark' : ''}`);
        expect(await faults(page), name).toEqual([]);
      }
      expect(troubles).toEqual([]);
    },
    60_000,
  );

  it('have no fault that axe finds before the sign-in', async () => {
    const { page } = await open(host().url, { token: null });
    await page.getByLabel('Token').waitFor();
    expect(await faults(page)).toEqual([]);
  });

  it('fit a narrow window without a sideways scroll', async () => {
    const { page } = await open(`${host().url}/sources`, {
      token: host().token,
      viewport: { width: 320, height: 640 },
    });
    for (const { name, address, ready } of PAGES) {
      await page.goto(host().url + address(ids));
      await page.locator(ready).first().waitFor();
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(width, name).toBeLessThanOrEqual(320);
    }
  });

  it('are read on a phone without moving a table sideways', async () => {
    const width = 390;
    const { page } = await open(`${host().url}/search?q=atomic_write`, {
      token: host().token,
      viewport: { width, height: 844 },
    });
    const rightOf = async (selector: string): Promise<number> => {
      const box = await page.locator(selector).first().boundingBox();
      return box === null ? Infinity : box.x + box.width;
    };
    for (const part of ['what', 'sureness', 'summary', 'place'])
      expect(await rightOf(`table.failures td.${part}`), part).toBeLessThanOrEqual(width);
    expect(await rightOf('.tabs a[href="/sources"]')).toBeLessThanOrEqual(width);
    await page.goto(`${host().url}/failures/${ids.failure}`);
    const says = await page.locator('.evidence td.says').first().boundingBox();
    expect(says?.width).toBeGreaterThan(width / 2);
    expect(await rightOf('.evidence td.rule')).toBeLessThanOrEqual(width);
  });

  it('are reached and used by the keyboard alone', async () => {
    const { page } = await open(host().url, { token: host().token });
    await page.locator('.rate-plot canvas').waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the page');
    await page.keyboard.press('/');
    await page.keyboard.type('unique_violation');
    await page.keyboard.press('Enter');
    await page.getByText(/was read as a cause/).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('g');
    await page.keyboard.press('i');
    await page.getByRole('heading', { level: 1, name: 'Issues' }).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    await page.getByLabel('single keys act as shortcuts').focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('Escape');
    await page.keyboard.press('g');
    await page.keyboard.press('s');
    await page.keyboard.press('/');
    expect(new URL(page.url()).pathname).toBe('/issues');
    expect(await page.evaluate(() => document.activeElement?.id)).not.toBe('why');
  });

  it('show times in both zones, and in the one that was chosen', async () => {
    const { page } = await open(`${host().url}/failures/${ids.failure}`, { token: host().token });
    const when = page.locator('.facts time');
    await when.waitFor();
    const iso = (await when.getAttribute('datetime')) ?? '';
    const utcHour = iso.slice(11, 13);
    const berlinHour = String((Number(utcHour) + 1) % 24).padStart(2, '0');
    expect((await when.innerText()).replace(/\s+/g, ' ')).toContain(` ${berlinHour}:`);
    expect(await when.innerText()).toContain('UTC');
    await page.getByRole('button', { name: /Europe\/Berlin/ }).click();
    await page.getByRole('button', { name: 'Times in UTC' }).waitFor();
    expect((await when.locator('b').innerText()).slice(11, 13)).toBe(utcHour);
  });
});

async function faults(page: Page): Promise<readonly string[]> {
  // As a string through the debugger: the page's own policy lets no foreign script in.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() =>
    (window as unknown as { readonly axe: { run(): Promise<AxeResults> } }).axe.run(),
  );
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
}

async function shoot(page: Page, name: string): Promise<void> {
  mkdirSync(SCREENSHOTS ?? '', { recursive: true });
  await page.locator('.live-live').waitFor();
  await page.screenshot({
    path: join(SCREENSHOTS ?? '', `${name}.png`),
    clip: { x: 0, y: 0, width: 1280, height: 760 },
  });
}
