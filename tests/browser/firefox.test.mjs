// The page in Firefox: it opens, runs, and the main job is done by keyboard and by mouse, with the same numbers as natively.
// Chromium carries the tests of every detail; this one holds the page to what is not Chromium's alone.

import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import puppeteer from 'puppeteer-core';
import { serve, until } from './harness.mjs';
import { Keys } from './keys.mjs';
import { fragment, run } from './native.mjs';

const FIREFOX = process.env.FIREFOX ?? '/usr/bin/firefox-esr';

let site;
let browser;
before(async () => {
  site = await serve();
  browser = await puppeteer.launch({ browser: 'firefox', executablePath: FIREFOX, headless: true });
});
after(async () => {
  await browser?.close();
  await site?.close();
});

/** A page in a profile of its own; `problems` fills with errors of its console and with exceptions. */
async function opened(hash = '') {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  await page.setViewport({ width: 1440, height: 900 });
  page.problems = [];
  page.on('console', (m) => m.type() === 'error' && page.problems.push(m.text()));
  page.on('pageerror', (e) => page.problems.push(`exception: ${e.message}`));
  await page.goto(site.url + hash);
  const keys = await new Keys(page).ready();
  return { page, keys, close: () => context.close() };
}

const assertQuiet = (page) => assert.deepEqual(page.problems, [], 'nothing may go wrong in the page behind the scenes');

test('the first visit shows a running site, and its dots move', { timeout: 90_000 }, async () => {
  const { page, keys, close } = await opened();
  await until('the example to run by itself', async () => (await keys.running()) && (await keys.now()) > 1);
  const painted = () => keys.read(() => {
    const canvas = document.querySelector('#board > canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let sum = 0;
    for (let i = 3; i < data.length; i += 4) if (data[i]) sum = (sum * 31 + i) % 1_000_000_007;
    return sum;
  });
  const first = await until('dots on the canvas', painted);
  await until('the dots to have moved', async () => (await painted()) !== first);
  assertQuiet(page);
  await close();
});

test('by keyboard: built from nothing, run, broken, shared, and replayed natively', { timeout: 240_000 }, async () => {
  const { page, keys, close } = await opened();
  const { ids, link } = await keys.story();
  const { report } = run(link);
  const story = report.log.map((l) => `${l.what} ${l.node}`);
  for (const line of [`crash ${ids.db1}`, `promoted ${ids.db2}`]) assert.ok(story.includes(line), `"${line}" is among ${story.join(', ')}`);
  assertQuiet(page);
  await close();
});

test('by mouse: a card is dragged, a link drawn, and the run to its end has the native hash', { timeout: 240_000 }, async () => {
  const document = {
    loadstone: 1, name: 'Two', seed: 3, run_s: 10,
    nodes: [
      { id: 'users', kind: 'users', at: [0, 0], params: { rate_rps: 50 } },
      { id: 'web', kind: 'server', at: [300, 0] },
      { id: 'db', kind: 'database', at: [600, 160] },
    ],
    links: [{ from: 'users', to: 'web' }],
  };
  const { page, keys, close } = await opened(`#${fragment(document)}`);
  if (await keys.running()) await page.click('[data-testid="play"]');
  await page.click('[data-testid="restart"]');
  await until('the start', async () => (await keys.now()) === 0);
  const middle = (selector) => keys.read((s) => {
    const { x, y, width, height } = globalThis.document.querySelector(s).getBoundingClientRect();
    return { x: x + width / 2, y: y + height / 2 };
  }, selector);
  const drag = async (from, to) => {
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    for (let i = 1; i <= 10; i++) await page.mouse.move(from.x + ((to.x - from.x) * i) / 10, from.y + ((to.y - from.y) * i) / 10);
    await page.mouse.up();
  };
  const before = await middle('[data-node="web"]');
  await drag(before, { x: before.x, y: before.y + 120 });
  await until('the card to have followed', async () => Math.abs((await middle('[data-node="web"]')).y - before.y - 120) < 15);
  await page.click('[data-testid="undo"]');
  await until('the card to be back', async () => Math.abs((await middle('[data-node="web"]')).y - before.y) < 2);
  await page.mouse.move(before.x, before.y);
  await drag(await middle('[data-node="web"] [data-handle="right"]'), await middle('[data-node="db"]'));
  await until('the link', async () => (await keys.links()).includes('web>db'));

  await page.select('[data-testid="speed"]', '100');
  await page.click('[data-testid="play"]');
  await until('the run to end', async () => (await keys.now()) >= 10 && !(await keys.running()), { timeout: 60_000 });
  await keys.press('Escape');
  const hash = await until('the hash', () => keys.read(() => globalThis.document.querySelector('[data-testid="trace-hash"]')?.textContent));
  await keys.does('Share link');
  const link = await until('the link', () => keys.read(() => globalThis.document.querySelector('[data-testid="share-link"]')?.value));
  assert.equal(run(link).report.trace_hash, hash, 'the native program computes the same trace hash');
  assertQuiet(page);
  await close();
});
