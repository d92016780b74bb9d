import { expect, it } from 'vitest';
import { describeInChromium } from './chromium.ts';
import { useLogHost } from './daemon.ts';

describeInChromium('the way from a log line to the page', (open) => {
  const host = useLogHost();

  it('shows a failure on the open page soon after it was written to disk, and its answer on a click', async () => {
    const { page, troubles } = await open(`${host().url}/failures`, { token: host().token });
    await page.getByText('No failure matches').waitFor();
    await page.locator('.live-live').waitFor();
    // Real logs, told as of this moment, appended to the files that are followed.
    host().write('csvlog-16', 0);

    const row = page.getByRole('row').filter({ hasText: 'unique_violation' }).first();
    await row.waitFor({ timeout: 20_000 });
    await row.getByRole('link').click();

    await page.getByRole('heading', { level: 1, name: /duplicate|unique|already/i }).waitFor();
    const chain = page.locator('.chain');
    expect(await chain.innerText()).toContain('denokv.log:');
    // The answer follows by itself when the other log is read.
    await expect.poll(() => chain.innerText(), { timeout: 15_000 }).toMatch(/postgres-postgresql-[-\d_]+\.csv:\d+/);
    await page.locator('.timeline tr.role-symptom').waitFor();
    await page.locator('.timeline tr.role-entry').waitFor();
    expect(troubles).toEqual([]);
  });

  it.each(['/', '/failures', '/search?q=last'])('asks for nothing twice at the start of %s', async (address) => {
    const { page } = await open('about:blank', { token: null });
    const asked = new Map<string, number>();
    page.on('request', (request) => {
      const { pathname, searchParams } = new URL(request.url());
      if (!pathname.startsWith('/v1/')) return;
      // A window of time moves with the clock.
      const question = `${pathname}?${searchParams.toString()}`.replaceAll(/\d{4}-[-.\d%ATZ]+/g, 'then');
      asked.set(question, (asked.get(question) ?? 0) + 1);
    });
    const askedTwice = async (): Promise<readonly string[]> => {
      asked.clear();
      await page.goto('about:blank');
      await page.goto(`${host().url}${address}#token=${host().token}`);
      await page.locator('.live-live').waitFor();
      // Longer than a resource rests between two questions.
      await page.waitForTimeout(1_200);
      return [...asked].flatMap(([question, times]) => (times > 1 ? [question] : []));
    };
    // On a machine that has no time for the stream, the page does not wait for it.
    await expect.poll(askedTwice, { timeout: 30_000 }).toEqual([]);
    expect(asked.size).toBeGreaterThan(1);
  });

  it('keeps what the pointer rests on when the chart is painted anew', async () => {
    const { page } = await open(`${host().url}/?span=24h`, { token: host().token });
    const caption = page.locator('.legend caption');
    const plot = page.locator('.rate-plot .u-over');
    await plot.waitFor();
    const box = await plot.boundingBox();
    if (box === null) throw new Error('the chart is not there');
    const headline = page.getByRole('heading', { level: 1 });
    await expect.poll(() => headline.innerText()).toMatch(/^83 failures/);
    await page.mouse.move(box.x + box.width - 4, box.y + box.height / 2);
    await expect.poll(() => caption.innerText()).toMatch(/\d\d:00 · \d+ failures/);
    // The same logs a second time: the counts change under the pointer.
    host().write('csvlog-16', 1_000);
    await expect.poll(() => headline.innerText(), { timeout: 30_000 }).toMatch(/^166 failures/);
    expect(await caption.innerText()).toMatch(/\d\d:00 · \d+ failures/);
  });

  it('takes the token out of the address, keeps it for the tab, and follows a deep link with it', async () => {
    const { page } = await open(`${host().url}/sources`, { token: host().token });
    await page.getByRole('heading', { level: 1, name: 'Sources' }).waitFor();
    expect(page.url()).toBe(`${host().url}/sources`);
    await page.goto(`${host().url}/search?q=last`);
    await page.locator('.chain').waitFor();
    expect(await page.evaluate(() => history.length)).toBeLessThanOrEqual(3);
    expect(await page.evaluate(() => localStorage.length)).toBe(0);
  });

  it('asks for a token where there is none, and again where it is refused', async () => {
    const { page } = await open(`${host().url}/failures`, { token: null });
    await page.getByLabel('Token').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').filter({ hasText: 'refused' }).waitFor();
    await page.getByLabel('Token').fill(host().token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Failures' }).waitFor();
    await page.getByRole('row').filter({ hasText: 'unique_violation' }).first().waitFor();
  });

  it('keeps the focus on a failure when newer ones come above it', async () => {
    const { page } = await open(`${host().url}/failures`, { token: host().token });
    const top = page.locator('[aria-rowindex="2"]');
    await top.waitFor();
    const before = await top.getByRole('link').getAttribute('href');
    await page.locator('.live-live').waitFor();
    await top.focus();
    host().write('csvlog-16', 0);
    await expect.poll(() => top.getByRole('link').getAttribute('href'), { timeout: 30_000 }).not.toBe(before);
    const focused = page.locator('.grid-body [role=row]:focus');
    expect(await focused.getByRole('link').getAttribute('href')).toBe(before);
    await page.keyboard.press('Enter');
    await expect.poll(() => new URL(page.url()).pathname).toBe(before);
  });
});
