import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe } from 'vitest';

/** Debian's; WHYD_CHROMIUM names another. */
const CHROMIUM = process.env['WHYD_CHROMIUM'] ?? '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A browser on a busy machine is slow; what hangs still ends. */
const TEST_TIMEOUT_MS = 120_000;
/** Below a test's own, so that a failure says for what it waited. */
const ACTION_TIMEOUT_MS = 40_000;
const HAS_CHROMIUM = existsSync(CHROMIUM);

export interface OpenOptions extends BrowserContextOptions {
  /** Signs in with this token; null: not at all. */
  readonly token: string | null;
}

export interface Tab {
  readonly page: Page;
  /** What went wrong on the page: errors, refusals of the Content-Security-Policy, dialogs that a script opened. */
  readonly troubles: readonly string[];
}

export type OpenTab = (address: string, options: OpenOptions) => Promise<Tab>;

/** Tests in a real Chromium, started once for the file; skipped with a line that says so where there is none. */
export function describeInChromium(name: string, tests: (open: OpenTab) => void): void {
  if (!HAS_CHROMIUM) {
    process.stderr.write(
      `whyd: no Chromium at ${CHROMIUM}: the browser tests "${name}" are skipped (apt-get install chromium)\n`,
    );
  }
  describe.skipIf(!HAS_CHROMIUM)(name, { timeout: TEST_TIMEOUT_MS }, () => {
    let browser: Browser | null = null;
    beforeAll(async () => {
      // Playwright makes a fresh profile for each start.
      browser = await chromium.launch({ executablePath: CHROMIUM, headless: true, args: FLAGS });
    });
    afterAll(async () => {
      await browser?.close();
    });
    tests(async (address, { token, ...options }) => {
      if (browser === null) throw new Error('the browser is not started');
      const context = await browser.newContext({
        viewport: { width: 1280, height: 860 },
        timezoneId: 'Europe/Berlin',
        locale: 'en-GB',
        ...options,
      });
      const page = await context.newPage();
      page.setDefaultTimeout(ACTION_TIMEOUT_MS);
      const troubles = watch(page);
      await page.goto(token === null ? address : `${address}#token=${token}`);
      return { page, troubles };
    });
  });
}

function watch(page: Page): readonly string[] {
  const troubles: string[] = [];
  page.on('pageerror', (error) => troubles.push(`error: ${error.message}`));
  page.on('console', (message) => {
    // What the network refuses is shown on the page, and asked for there.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      troubles.push(message.text());
  });
  page.on('dialog', (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return troubles;
}
