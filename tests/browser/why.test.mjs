// Why it is so, and what would be if something failed: the page names what limits the system, and finds what has no
// substitute by letting it fail.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { assertQuiet, shot, stage, until } from './harness.mjs';
import { Loadstone } from './page.mjs';
import { fragment } from './native.mjs';

const site = stage();

/** Two servers behind a balancer and one database; as many requests as wanted. */
const design = (rate, run_s) => ({
  loadstone: 1, name: 'Two servers, one database', seed: 7, run_s,
  nodes: [
    { id: 'users', kind: 'users', at: [0, 0], params: { rate_rps: rate, write_share: 0.2, clients: 50, timeout_ms: 3000 } },
    { id: 'lb', kind: 'load_balancer', at: [260, 0] },
    { id: 'web1', kind: 'server', at: [520, -140], params: { cores: 1, workers: 1000 } },
    { id: 'web2', kind: 'server', at: [520, 140], params: { cores: 1, workers: 1000 } },
    { id: 'db', kind: 'database', at: [780, 0], params: { cores: 8 } },
  ],
  links: [
    { from: 'users', to: 'lb' }, { from: 'lb', to: 'web1' }, { from: 'lb', to: 'web2' },
    { from: 'web1', to: 'db' }, { from: 'web2', to: 'db' },
  ],
});

async function opened(document) {
  const page = await site.open('#' + fragment(document));
  const app = await new Loadstone(page).ready();
  await app.play();
  return { page, app };
}

/** The sentences: what, of whom, in words. */
const reasons = (page) =>
  page.locator('.reasons li').evaluateAll((all) => all.map((r) => ({ what: r.dataset.what, of: r.dataset.of, words: r.querySelector('p').textContent })));

test('an overloaded server is named as what limits the system, with the numbers', { timeout: 120_000 }, async () => {
  const { page, app } = await opened(design(450, 60));
  await app.speed(5);
  await page.getByRole('tab', { name: 'Why' }).click();
  const found = await until('a server at its limit', async () => (await reasons(page)).find((r) => r.what === 'overloaded'), { timeout: 60_000 });
  assert.match(found.of, /^web[12]$/, 'the servers have one core each, the database eight');
  assert.match(found.words, /is at its limit.*1 core (is|are) (9\d|100)/);
  await app.pause();
  const item = page.locator('.reasons li[data-what="overloaded"]').first();
  await item.locator('summary').click();
  assert.match(await item.locator('dl').textContent(), /Utilization.*Limit/);
  const vouched = await item.getByRole('link').getAttribute('href');
  const [address, anchor] = vouched.split('#');
  const body = await (await page.request.get(new URL(address, site.url).href)).text();
  assert.ok(body.includes(`id="${anchor}"`), `${vouched} leads somewhere`);
  await shot(page, 'why-overloaded');

  // A click on the name selects the node, and the tab stays with it; arrow keys go to the others.
  const named = await item.getAttribute('data-of');
  await item.getByRole('button').click();
  await until(`${named} to be selected`, async () => (await app.card(named).getAttribute('aria-pressed')) === 'true');
  assert.equal(await page.getByRole('tab', { name: 'Why' }).getAttribute('aria-selected'), 'true');
  // The tabs may be drawn anew between the two: then the key is pressed again.
  await until('the numbers by the arrow key', async () => {
    await page.getByRole('tab', { name: 'Why' }).focus();
    await page.keyboard.press('ArrowLeft');
    return page.getByTestId('measured').waitFor({ timeout: 3000 }).then(() => true, () => false);
  });
  assert.match(await page.getByTestId('measured').textContent(), /Utilization.*%/);
  await page.getByTestId('theory').locator('summary').click();
  assert.match(await page.getByTestId('theory').textContent(), /Poisson|load|E2|M\/M/, 'a formula, or why none fits');
  await shot(page, 'live-measured');
  assertQuiet(page);
  await page.context().close();
});

test('letting each one fail finds the database that has no substitute, and not the servers', { timeout: 240_000 }, async () => {
  const { page, app } = await opened(design(60, 60));
  await app.pause();
  await page.getByRole('tab', { name: 'Why' }).click();
  await page.getByTestId('drill').focus();
  await page.keyboard.press('Enter');
  // Called off, and begun again.
  await page.getByTestId('drill-cancel').click();
  await page.getByTestId('drill').click();
  const rows = await until('a verdict on each node', async () => {
    const all = await page.locator('[data-testid="verdicts"] tr.verdict').evaluateAll((rows) => rows.map((r) => [r.dataset.of, r.textContent]));
    return all.length === 4 && (await page.getByTestId('drill').isVisible()) && Object.fromEntries(all);
  }, { timeout: 180_000 });
  await shot(page, 'drill');
  assert.match(rows.db, /^Single point of failure/);
  assert.match(rows.lb, /^Single point of failure: without it nothing works/);
  for (const web of ['web1', 'web2']) assert.doesNotMatch(rows[web], /Single point/, `${web} has a substitute`);

  // Its run is opened by a click, with the crash on the timeline, and undone.
  await page.locator('[data-testid="verdicts"] tr[data-of="db"] button').click();
  const crash = await app.logged('crash', 'db', { timeout: 60_000 });
  assert.equal(Number(crash.at) / 1e9, 15, 'a quarter of the run');
  await page.getByTestId('canvas').click({ position: { x: 5, y: 5 } });
  await page.keyboard.press('Control+z');
  await until('the crash to be undone', async () => !(await app.log()).some((l) => l.what === 'crash'), { timeout: 60_000 });
  assertQuiet(page);
  await page.context().close();
});
