import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openIndex } from '../../../src/store/open-index.ts';
import { verdict } from '../verdict.ts';
import { describeInChromium } from './chromium.ts';
import { useLogHost } from './daemon.ts';

const COUNT = 10_000;
const ROWS_IN_PAGE = 60;

describeInChromium('a list of 10,000 failures', (open) => {
  const host = useLogHost((prepared) => {
    const index = openIndex(join(prepared.folder, 'whyd.db'));
    const startMs = Date.parse('2026-11-23T00:00:00Z');
    index.saveVerdicts(
      Array.from({ length: COUNT }, (_, number) =>
        verdict(`f_${String(number).padStart(5, '0')}`, new Date(startMs + number * 1_000).toISOString()),
      ),
      startMs,
    );
    index.close();
  });

  it('is scrolled to its end with never more than a screenful of rows in the page', async () => {
    const { page, troubles } = await open(`${host().url}/failures`, { token: host().token });
    const rows = page.locator('.grid-body [role=row]');
    await rows.first().waitFor();
    const seen = await page.evaluate(async () => {
      const body = document.querySelector('.grid-body');
      if (body === null) throw new Error('there is no list');
      let mostRows = 0;
      let mostNodes = 0;
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
      // Pages come as the reader nears the end, so the end moves until it is the last.
      for (let still = 0; still < 60;) {
        const before = body.scrollHeight;
        body.scrollTop = body.scrollHeight;
        await frame();
        await frame();
        mostRows = Math.max(mostRows, body.querySelectorAll('[role=row]').length);
        mostNodes = Math.max(mostNodes, document.querySelectorAll('*').length);
        const isWhole = document.querySelector('[role=grid]')?.getAttribute('aria-rowcount') !== '-1';
        if (isWhole && body.scrollHeight === before) break;
        still = body.scrollHeight === before ? still : 0;
      }
      return { mostRows, mostNodes, count: document.querySelector('[role=grid]')?.getAttribute('aria-rowcount') };
    });
    expect(seen.count).toBe(String(COUNT + 1));
    expect(seen.mostRows).toBeLessThan(ROWS_IN_PAGE);
    expect(seen.mostNodes).toBeLessThan(1_500);
    await page.locator('[aria-rowindex="10001"]').waitFor();
    expect(await page.locator('[aria-rowindex="10001"]').innerText()).toContain('2026-11-23 01:00:00');
    expect(troubles).toEqual([]);
  });

  it('keeps the order of what is seen, and makes no new row for one that is scrolled into sight', async () => {
    const { page } = await open(`${host().url}/failures`, { token: host().token });
    await page.locator('[aria-rowindex="30"]').waitFor({ state: 'attached' });
    const seen = await page.evaluate(async () => {
      const body = document.querySelector('.grid-body');
      if (body === null) throw new Error('there is no list');
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
      const before = new Set(body.querySelectorAll('[role=row]'));
      const orders: number[][] = [];
      for (const top of [90, 120, 300, 900, 2_100, 2_070, 600]) {
        body.scrollTop = top;
        await frame();
        await frame();
        orders.push([...body.querySelectorAll('[role=row]')].map((row) => Number(row.getAttribute('aria-rowindex'))));
      }
      // The row that has the focus by Tab stays in the page beside those in sight.
      const strangers = [...body.querySelectorAll('.grid-window [role=row]')].filter((row) => !before.has(row)).length;
      return { orders, strangers };
    });
    for (const order of seen.orders) expect(order).toEqual([...order].sort((one, other) => one - other));
    expect(seen.orders.map((order) => order.length > 30)).not.toContain(false);
    expect(seen.strangers).toBe(0);
  });

  it('leaves the focus on its row while others are scrolled into sight', async () => {
    const { page } = await open(`${host().url}/failures`, { token: host().token });
    const third = page.locator('[aria-rowindex="4"]');
    await third.focus();
    const body = page.locator('.grid-body');
    for (const top of [120, 1_500, 2_700, 0]) {
      await body.evaluate((element, to) => {
        element.scrollTop = to;
      }, top);
      await page.locator(`[aria-rowindex="${top / 30 + 3}"]`).waitFor();
      expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-rowindex'))).toBe('4');
    }
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-rowindex'))).toBe('5');
  });

  it('is gone through by keys, and Enter opens the row', async () => {
    const { page } = await open(`${host().url}/failures`, { token: host().token });
    const first = page.locator('[aria-rowindex="2"]');
    await first.waitFor();
    await first.focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('PageDown');
    await page.keyboard.press('ArrowUp');
    const focused = page.locator('.grid-body [role=row]:focus');
    await focused.waitFor();
    expect(Number(await focused.getAttribute('aria-rowindex'))).toBeGreaterThan(10);
    await page.keyboard.press('End');
    await page.locator('.grid-body [role=row]:focus[aria-rowindex="101"], .grid-body [role=row]:focus').waitFor();
    await page.keyboard.press('Home');
    await expect.poll(() => focused.getAttribute('aria-rowindex')).toBe('2');
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => focused.getAttribute('aria-rowindex')).toBe('3');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.url()).toBe(`${host().url}/failures/f_09998`);
  });

  it('is narrowed by what stands in the address, and says so when nothing is left', async () => {
    const { page } = await open(`${host().url}/failures?cause=deadlock&until=2026-11-23T00:00:02Z`, {
      token: host().token,
    });
    await page.getByText('2 failures, newest first').waitFor();
    await page.getByLabel('How sure').selectOption('unknown');
    await page.getByText('No failure matches').waitFor();
    expect(new URL(page.url()).searchParams.get('certainty')).toBe('unknown');
    await page.getByRole('link', { name: 'Show all failures' }).click();
    await page.getByText(/\d+\+ failures/).waitFor();
  });
});
