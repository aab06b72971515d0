// Once the run shows, an engine that is made for speed takes over from the one that a visit began with: nobody sees it
// happen, and the run stays the same.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { assertQuiet, stage, until } from './harness.mjs';
import { Loadstone } from './page.mjs';
import { run } from './native.mjs';

const site = stage();

/** Looks at the page once a frame of the screen, as a person would, and remembers what changed. */
const watch = (page) => page.evaluate(() => {
  const told = (id) => document.querySelector(`[data-testid="${id}"]`)?.textContent ?? '';
  globalThis.seen = [];
  const look = () => {
    const canvas = document.querySelector('canvas');
    globalThis.seen.push({
      wall: performance.now(),
      clock: told('clock'),
      lines: document.querySelectorAll('[data-testid="log"] .entry').length,
      cards: document.querySelectorAll('[data-node]').length,
      playing: document.querySelector('[data-testid="play"]').getAttribute('aria-label'),
      dots: canvas !== null && canvas.width > 0,
    });
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
});

const seconds = (clock) => {
  const [, minutes, rest] = clock.match(/(\d+):(\d+(?:\.\d+)?)/) ?? assert.fail(`the clock shows "${clock}"`);
  return Number(minutes) * 60 + Number(rest);
};

test('the fast engine takes over unseen, and the run is the same', { timeout: 180_000 }, async (t) => {
  const page = await site.open();
  const app = new Loadstone(page);
  await until('simulated time to pass', async () => (await app.now()) > 0);
  assert.equal(await page.workers()[0].evaluate(() => self.name), 'app', 'a visit begins with the program that it has');
  await watch(page);
  await app.fast();
  const taken = await app.now();
  t.diagnostic(`taken over at ${taken} simulated seconds`);
  await until('the run to go on', async () => (await app.now()) > taken + 2);

  const seen = await page.evaluate(() => globalThis.seen);
  // A busy machine may show moments late, and then catch up; but a clock that keeps time never gets further ahead of the
  // wall's than it was.
  const ahead = ({ clock, wall }) => seconds(clock) - wall / 1000;
  let most = ahead(seen[0]);
  for (let i = 1; i < seen.length; i++) {
    const [before, now] = [seen[i - 1], seen[i]];
    assert.ok(seconds(now.clock) >= seconds(before.clock), `the clock went back from ${before.clock} to ${now.clock}`);
    assert.ok(ahead(now) <= most + 0.5, `the clock jumped from ${before.clock} to ${now.clock}: ${(ahead(now) - most).toFixed(3)} s ahead of where it ever was`);
    assert.ok(now.lines >= before.lines, `the log went from ${before.lines} lines to ${now.lines} at ${now.clock}`);
    assert.deepEqual([now.cards, now.playing, now.dots], [before.cards, before.playing, before.dots], `at ${now.clock}`);
    most = Math.max(most, ahead(now));
  }

  const { report } = run(await app.share());
  const hash = await app.toTheEnd();
  assert.equal(hash, report.trace_hash, 'the run ended as the native program ends it');
  const story = (await app.log()).map(({ at, what, of }) => `${(Number(at) / 1e9).toFixed(6)} ${what} ${of}`);
  assert.deepEqual(story, report.log.map((l) => `${l.at_s.toFixed(6)} ${l.what} ${l.node}`), 'the log lacks nothing and has nothing twice');
  assert.equal(await app.program(), 'engine');
  assertQuiet(page);
  await page.context().close();
});

test('a run that stands still is taken over as well, and answers what it is asked', { timeout: 180_000 }, async () => {
  const page = await site.open();
  const app = new Loadstone(page);
  await until('simulated time to pass', async () => (await app.now()) > 0);
  await app.pause();
  const stands = await app.now();
  await app.fast();
  assert.equal(await app.now(), stands, 'it stands where it stood');
  await app.select('web1');
  await app.tab('Live');
  await until('figures over the whole run', () => page.getByTestId('measured').isVisible());
  // For as long as a worker may be silent before it is started again.
  await page.waitForTimeout(5000);
  assert.equal(await page.getByRole('alert').count(), 0, 'nobody was believed lost');
  await app.play();
  await until('the run to go on', async () => (await app.now()) > stands);
  assertQuiet(page);
  await page.context().close();
});

test('what is done while the engines change counts in both', { timeout: 180_000 }, async () => {
  const page = await site.open();
  let come;
  const held = new Promise((release) => (come = release));
  await page.route(/engine_bg\.wasm/, async (route) => {
    await held;
    await route.continue();
  });
  await page.reload();
  const app = await new Loadstone(page).ready();
  const victim = await app.findOne(/database.*primary/i);
  await until('a second of the run', async () => (await app.now()) > 1);
  await app.select(victim);
  come();
  await page.keyboard.press('x');
  await app.logged('crash', victim);
  await app.fast();
  const { report } = run(await app.share());
  assert.equal(await app.toTheEnd(), report.trace_hash, 'the run with the crash ended as the native program ends it');
  assertQuiet(page);
  await page.context().close();
});

test('without the fast engine the run goes on as it began', async () => {
  const page = await site.open();
  let asked = 0;
  await page.route(/engine_bg\.wasm/, (route) => {
    asked += 1;
    return route.abort();
  });
  await page.reload();
  const app = await new Loadstone(page).ready();
  await until('the fast engine to be asked for', () => asked > 0);
  const now = await app.now();
  await until('the run to go on', async () => (await app.now()) > now + 2);
  assert.equal(await app.program(), 'app');
  assert.equal(await app.notice().count(), 0, 'nobody is troubled with it');
  await page.context().close();
});
