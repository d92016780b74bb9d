import { beforeAll, expect, it } from 'vitest';
import { describeInChromium } from './chromium.ts';
import { useLogHost } from './daemon.ts';

/** Longer ago than the joiner waits for what comes late. */
const SECOND = new Date(Date.now() - 120_000).toISOString().slice(0, 19);

describeInChromium('troubles', (open) => {
  const host = useLogHost((prepared) => {
    prepared.append('denokv.log', `[${SECOND}Z ERROR denokv] Database error: Database error: connection closed\n`);
  });

  beforeAll(async () => {
    await host().failures(1);
  }, 60_000);

  it('says when the daemon is away, keeps what it has, and goes on when it is back', async () => {
    const { page } = await open(`${host().url}/failures`, { token: host().token });
    const row = page.getByRole('row').filter({ hasText: 'connection_lost' });
    await row.waitFor({ timeout: 25_000 });
    await page.locator('.live-live').waitFor();
    await host().stop();
    await page.getByRole('alert').filter({ hasText: 'whyd does not answer' }).waitFor();
    expect(await row.count()).toBe(1);
    host().append('denokv.log', `[${SECOND}Z ERROR denokv] Database error: Database error: operation timed out\n`);
    await host().start();
    await page
      .getByRole('button', { name: 'Try now' })
      .click()
      .catch(() => undefined);
    await page.locator('.live-live').waitFor({ timeout: 20_000 });
    await expect.poll(() => page.getByRole('row').count(), { timeout: 20_000 }).toBe(3);
  }, 70_000);

  it('says what a failure, an issue and a page that are not there are', async () => {
    const { page } = await open(`${host().url}/failures/f_nobody`, { token: host().token });
    await page.getByRole('alert').waitFor();
    await page.goto(`${host().url}/issues/i_nobody`);
    await page.getByRole('alert').waitFor();
    await page.goto(`${host().url}/search?q=nothing-like-that`);
    await page.getByText('No failure matches').waitFor();
  });

  it('mutes, resolves and reopens an issue', async () => {
    const { page, troubles } = await open(`${host().url}/issues`, { token: host().token });
    await page.locator('table.issues a').first().click();
    await page.getByLabel('how long').selectOption('1d');
    await page.getByRole('button', { name: 'Mute' }).click();
    await page.locator('.state-muted').waitFor();
    await page.getByText('Muted until').waitFor();
    await page.getByRole('button', { name: 'Resolve' }).click();
    await page.locator('.state-resolved').waitFor();
    await page.getByRole('button', { name: 'Reopen' }).click();
    await page.locator('.state-open').waitFor();
    expect(troubles).toEqual([]);
  });
});
