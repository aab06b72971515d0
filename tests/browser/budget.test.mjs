// The page is quick to come and stays quick: first paint, first run, frames while a heavy run is edited.
// The limits are those of the product, with room for a machine that is busy with other things.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { assertQuiet, stage, until } from './harness.mjs';
import { Loadstone } from './page.mjs';
import { fragment } from './native.mjs';

const site = stage();

/** Twenty thousand requests per second over a balancer and four servers that can just take them. */
const HEAVY = {
  loadstone: 1,
  name: 'Twenty thousand requests per second',
  run_s: 600,
  nodes: [
    { id: 'users', kind: 'users', at: [0, 160], params: { rate_rps: 20000, clients: 10000 } },
    { id: 'lb', kind: 'load_balancer', at: [280, 160] },
    ...[1, 2, 3, 4].map((n) => ({ id: `web${n}`, kind: 'server', at: [560, n * 120 - 140], params: { cores: 32, service_ms: 4 } })),
  ],
  links: [
    { from: 'users', to: 'lb' },
    ...[1, 2, 3, 4].map((n) => ({ from: 'lb', to: `web${n}` })),
  ],
};

/**
 * What `measure` gives at best, the less the better: a machine that is busy with something else for a moment says nothing of
 * the page, so there are a few tries until one stays below the limit.
 */
async function best(limit, measure) {
  let least = Infinity;
  for (let tries = 0; tries < 4 && least >= limit; tries++) least = Math.min(least, await measure());
  return least;
}

test('the shell is painted in half a second, and the first run goes within two', async (t) => {
  // In shares of what is allowed.
  const worst = await best(1, async () => {
    const page = await site.open();
    const app = await new Loadstone(page).ready();
    await until('simulated time to pass', async () => (await app.now()) > 0);
    const { paint, running } = await page.evaluate(() => ({
      paint: performance.getEntriesByName('first-contentful-paint')[0].startTime,
      running: performance.now(),
    }));
    t.diagnostic(`first paint after ${paint.toFixed(0)} ms, running after ${running.toFixed(0)} ms`);
    assertQuiet(page);
    await page.context().close();
    return Math.max(paint / 500, running / 2000);
  });
  assert.ok(worst < 1, `at best it took ${worst.toFixed(2)} times as long as it may`);
});

test('20,000 requests per second run at real speed, and one dot stands for several', async (t) => {
  const page = await site.open(`#${fragment(HEAVY)}`);
  const app = await new Loadstone(page).ready();
  await app.play();
  await until('the run to be well under way', async () => (await app.now()) > 2);
  const seen = async () => ({ wall: await page.evaluate(() => performance.now() / 1000), simulated: await app.now() });
  const slowness = await best(1 / 0.9, async () => {
    const start = await seen();
    await until('five more simulated seconds', async () => (await app.now()) > start.simulated + 5, { timeout: 60_000 });
    const end = await seen();
    return (end.wall - start.wall) / (end.simulated - start.simulated);
  });
  t.diagnostic(`achieved ${(1 / slowness).toFixed(2)}× at 20,000 requests per second`);
  assert.ok(slowness < 1 / 0.9, `the run went at ${(1 / slowness).toFixed(2)}× of real speed at best`);
  assert.match(await page.locator('body').innerText(), /dot[^.]*\b\d+\b/i, 'the page says how many requests a dot stands for');
  assertQuiet(page);
  await page.context().close();
});

test('no long frame while a heavy run is edited at the highest speed', async (t) => {
  const page = await site.open(`#${fragment(HEAVY)}`);
  const app = await new Loadstone(page).ready();
  await app.speed(100);
  await app.play();
  await until('the run to be under way', async () => (await app.now()) > 1);
  await page.evaluate(() => {
    new PerformanceObserver((list) => {
      for (const task of list.getEntries()) globalThis.longest = Math.max(globalThis.longest, task.duration);
    }).observe({ type: 'longtask' });
  });
  const from = await app.middle(app.card('web2'));
  const to = { x: from.x + 40, y: from.y + 60 };
  const longest = await best(150, async () => {
    await page.evaluate(() => { globalThis.longest = 0; });
    await app.drag(from, to);
    await app.drag(to, from);
    return page.evaluate(() => globalThis.longest);
  });
  t.diagnostic(`longest task of the page: ${longest.toFixed(0)} ms (0: none over 50 ms)`);
  assert.ok(longest < 150, `the page was busy for ${longest.toFixed(0)} ms in one go, at best`);
  assertQuiet(page);
  await page.context().close();
});
