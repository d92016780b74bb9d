/* global document, PerformanceObserver, requestAnimationFrame */
/**
 * The dashboard in a real Chromium, from the daemon on loopback: how much of it there is, how soon it is painted, and how a list of 10,000
 * failures scrolls; beside each the floor, the same of a page that does next to nothing, taken in turns in the same browser. Needs the build in dist/
 * and a Chromium (WHYD_CHROMIUM, else /usr/bin/chromium).
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';

const DIST = fileURLToPath(new URL('../dist/', import.meta.url));
const CHROMIUM = process.env.WHYD_CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync'];
const FAILURES = 10_000;
const LOADS = 15;
const FRAMES = 300;
/** What one notch of a wheel moves. */
const WHEEL_PX = 120;
const VIEWPORT = { width: 1280, height: 860 };

export async function benchWeb() {
  sizes();
  if (!existsSync(CHROMIUM)) {
    console.log(`no Chromium at ${CHROMIUM}: nothing was painted`);
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'whyd-bench-web-'));
  const releasers = [() => rmSync(folder, { recursive: true, force: true })];
  try {
    await fillIndex(folder);
    const { url, token, stop } = await startDaemon(folder);
    releasers.push(stop);
    const { chromium } = await import('playwright-core');
    const browser = await chromium.launch({ executablePath: CHROMIUM, headless: true, args: FLAGS });
    releasers.push(() => browser.close());
    const floor = await serveFloor();
    releasers.push(floor.stop);
    await paints(browser, `${url}/?span=24h#token=${token}`, floor.url);
    await scrolls(browser, `${url}/failures#token=${token}`, `${floor.url}/list`);
  } finally {
    for (const release of releasers.reverse()) await release();
  }
}

function sizes() {
  const folder = join(DIST, 'web', 'assets');
  const total = (ending) =>
    readdirSync(folder)
      .filter((name) => name.endsWith(ending))
      .reduce((sum, name) => sum + gzipSync(readFileSync(join(folder, name)), { level: 9 }).length, 0);
  const page = gzipSync(readFileSync(join(DIST, 'web', 'index.html')), { level: 9 }).length;
  console.log(
    `gzipped: JavaScript ${kilobytes(total('.js'))} (wanted: < 80 kB), the page with its styles ${kilobytes(page)}`,
  );
}

async function paints(browser, address, floor) {
  const first = [];
  const whole = [];
  const least = [];
  for (let load = 0; load < LOADS; load += 1) {
    // Nothing is cached: each load is somebody's first.
    const context = await browser.newContext({ viewport: VIEWPORT });
    const page = await context.newPage();
    await page.goto(address);
    await page.locator('.rate-plot canvas').waitFor();
    first.push(await firstPaint(page));
    whole.push(await page.evaluate(() => performance.now()));
    await context.close();
    const bare = await browser.newContext({ viewport: VIEWPORT });
    const barePage = await bare.newPage();
    await barePage.goto(floor);
    least.push(await firstPaint(barePage));
    await bare.close();
  }
  console.log(`first contentful paint: ${spread(first)} (wanted: < 300 ms)`);
  console.log(`  floor, a page of one line: ${spread(least)}`);
  console.log(`the chart of ${FAILURES} failures is there: ${spread(whole)}`);
}

function firstPaint(page) {
  return page.evaluate(
    () =>
      new Promise((resolve) => {
        new PerformanceObserver((list) => {
          for (const { name, startTime } of list.getEntries())
            if (name === 'first-contentful-paint') resolve(startTime);
        }).observe({ type: 'paint', buffered: true });
      }),
  );
}

async function scrolls(browser, address, floor) {
  const page = await browser.newPage({ viewport: VIEWPORT });
  await page.goto(address);
  await page.locator('.grid-body [role=row]').first().waitFor();
  await page.evaluate(async () => {
    const body = document.querySelector('.grid-body');
    while (document.querySelector('[role=grid]').getAttribute('aria-rowcount') === '-1') {
      body.scrollTop = body.scrollHeight;
      await new Promise(requestAnimationFrame);
    }
  });
  const bare = await browser.newPage({ viewport: VIEWPORT });
  await bare.goto(floor);
  const ways = [
    [`end to end in ${FRAMES} frames`, null],
    [`${WHEEL_PX} px a frame`, WHEEL_PX],
  ];
  for (const [name, stepPx] of ways) {
    for (const [what, tab] of [
      [`scrolling ${FAILURES} rows, ${name}`, page],
      ['  floor, as many plain lines', bare],
    ]) {
      await tab.bringToFront();
      const { gaps, rows, nodes } = await tab.evaluate(scroll, [FRAMES, stepPx]);
      const slow = gaps.filter((gap) => gap > 50).length;
      console.log(
        `${what}: ${spread(gaps)} a frame, ${slow} over 50 ms; at most ${rows} rows and ${nodes} elements in the page`,
      );
    }
  }
}

/** Runs in the page. Sets the position without reading it, which would lay the page out once more. */
async function scroll([frames, stepPx]) {
  const body = document.querySelector('.grid-body');
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  body.scrollTop = 0;
  for (let rest = 0; rest < 30; rest += 1) await frame();
  const step = stepPx ?? (body.scrollHeight - body.clientHeight) / frames;
  const gaps = [];
  let rows = 0;
  let last = await frame();
  for (let turn = 1; turn <= frames; turn += 1) {
    body.scrollTop = turn * step;
    const now = await frame();
    gaps.push(now - last);
    last = now;
    rows = Math.max(rows, body.querySelectorAll('[role=row]').length);
  }
  return { gaps, rows, nodes: document.querySelectorAll('*').length };
}

/** Pages that do no more than they must: one line of text, and a list of plain lines in a box of the dashboard's size. */
async function serveFloor() {
  const lines = Array.from(
    { length: FAILURES },
    (_, line) => `<div role="row">2026-11-23 deadlock, reason ${line}</div>`,
  );
  const list = `<!doctype html><title>floor</title><style>.grid-body { height: 640px; overflow-y: auto; contain: strict } [role=row] { height: 30px }</style><div class="grid-body">${lines.join('')}</div>`;
  const server = createServer(({ url }, answer) => {
    answer.setHeader('content-type', 'text/html; charset=utf-8');
    answer.end(url === '/list' ? list : '<!doctype html><title>floor</title><p>One line of text.</p>');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${server.address().port}`, stop };
}

async function fillIndex(folder) {
  const { openIndex } = await import(pathToFileURL(join(DIST, 'store', 'open-index.js')).href);
  const index = openIndex(join(folder, 'whyd.db'));
  const nowMs = Date.now();
  const causes = [
    ['deadlock', 'deadlock', '40P01'],
    ['lock_timeout', 'timeout', '55P03'],
    ['connection_refused', 'connection', null],
    ['unique_violation', 'constraint', '23505'],
  ];
  const verdicts = Array.from({ length: FAILURES }, (_, number) => {
    const [id, category, sqlstate] = causes[number % causes.length];
    const at = new Date(nowMs - number * 8_000).toISOString();
    const place = { byteStart: number, byteEnd: number + 1 };
    return {
      kind: 'failure',
      id: `f_${String(number).padStart(6, '0')}`,
      at,
      atPrecision: 'millisecond',
      status: 500,
      operation: 'atomic_write',
      requestId: null,
      symptom: { source: 'denokv', file: 'denokv.log', line: number + 1, ...place, text: `Database error: ${id}` },
      cause: {
        id,
        category,
        sqlstate,
        summary: `The reason of failure ${number}`,
        confidence: 0.99,
        certainty: 'certain',
      },
      postgres: null,
      alternatives: [],
      root: null,
      evidence: [],
      remedies: [],
      coverage: { denokv: 'complete', postgres: 'complete', settled: true },
      issue: `i_${id}`,
    };
  });
  index.saveVerdicts(verdicts, nowMs);
  index.close();
}

async function startDaemon(folder) {
  for (const name of ['denokv.log', 'postgresql.log']) writeFileSync(join(folder, name), '');
  const config = join(folder, 'whyd.yaml');
  writeFileSync(
    config,
    `index: { path: ${join(folder, 'whyd.db')} }\napi: { listen: 127.0.0.1:0 }\nsources:\n  - { kind: denokv, path: ${join(folder, 'denokv.log')} }\n  - { kind: postgres, path: ${join(folder, 'postgresql.log')} }\n`,
  );
  const child = spawn(process.execPath, [join(DIST, 'cli', 'main.js'), 'run', '--config', config], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const stop = () =>
    new Promise((resolve) => {
      child.once('exit', resolve);
      child.kill('SIGTERM');
    });
  let said = '';
  let url;
  for await (const text of child.stderr.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    said += text;
    url = /listening on (http:\S+?)[,\s]/.exec(said)?.[1];
    if (url !== undefined) break;
  }
  if (url === undefined) throw new Error(`the daemon did not start: ${said}`);
  return { url, token: readFileSync(join(folder, 'token'), 'utf8').trim(), stop };
}

function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  return `median ${at(0.5).toFixed(0)} ms, p95 ${at(0.95).toFixed(0)} ms, most ${sorted.at(-1).toFixed(0)} ms`;
}

function kilobytes(bytes) {
  return `${(bytes / 1_000).toFixed(1)} kB`;
}
