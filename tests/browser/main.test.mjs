// The main job, as a stranger does it: a running site, another server, a crashed primary, a link to a friend who
// sees exactly the same. Once with the mouse, once with the keyboard alone.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { assertQuiet, open, shot, stage, until } from './harness.mjs';
import { Loadstone } from './page.mjs';
import { run } from './native.mjs';

const site = stage();

const PRIMARY = /database.*primary/i;

/** When, what and of whom: what must not differ between two runs of one link. */
const story = (log) => log.map(({ at, what, of }) => `${(Number(at) / 1e9).toFixed(6)} ${what} ${of}`);

/** Opens the link in a profile of its own and lets it run to the end. */
async function asFriend(link) {
  const page = await open(site.browser, link);
  const app = await new Loadstone(page).ready();
  const hash = await app.toTheEnd();
  const seen = { hash, log: await app.log(), nodes: await app.nodes(), links: await app.links() };
  assertQuiet(page);
  await page.context().close();
  return seen;
}

/** Whoever opens the link, in a browser or on the command line, gets the run that ended in `app`. */
async function assertReplays(app, link) {
  const hash = await app.toTheEnd();
  const log = await app.log();

  const friend = await asFriend(link);
  assert.deepEqual(story(friend.log), story(log), 'the friend reads the same log');
  assert.equal(friend.hash, hash, "the friend's run has the same trace hash");
  assert.deepEqual([friend.nodes.sort(), friend.links.sort()], [(await app.nodes()).sort(), (await app.links()).sort()]);

  const { report } = run(link);
  assert.equal(report.trace_hash, hash, 'the native program computes the same trace hash as the page');
  assert.deepEqual(
    report.log.map((l) => `${l.at_s.toFixed(6)} ${l.what} ${l.node}`),
    story(log),
    'the native program writes the same log as the page',
  );
}

test('with the mouse: add a server, crash the primary, share the run', { timeout: 300_000 }, async (t) => {
  const page = await site.open();
  const app = await new Loadstone(page).ready();
  await until('the example to run by itself', async () => (await app.running()) && (await app.now()) > 0.5);
  assert.ok(await page.getByTestId('try-this').isVisible(), 'a sentence says what to try');

  // Another server: out of the palette, linked by hand.
  const balancer = await app.findOne(/load balancer/i);
  const before = await app.findOne(PRIMARY);
  const servers = await app.find(/\bserver\b/i);
  const place = await app.emptyPlace(await app.middle(app.card(servers[0])));
  const added = await app.dragFromPalette('web', place);
  await app.drawLink(balancer, added);
  await app.drawLink(added, before);
  await app.select(balancer);
  await page.getByRole('tab', { name: 'Live' }).click();
  const name = await app.name(added);
  const others = await Promise.all(servers.map((id) => app.name(id)));
  const old = Object.fromEntries(await Promise.all(others.map(async (n) => [n, await app.got(n)])));
  await until(`${name} to get its share`, async () => (await app.got(name)) > 20, { timeout: 30_000 });
  for (const other of others) assert.ok((await app.got(other)) > old[other], `${other} still gets requests`);
  await shot(page, 'added');

  // The primary crashes; a replica takes over.
  await app.select(before);
  await page.keyboard.press('x');
  await app.logged('crash', before);
  await app.speed(2);
  const promoted = await until('a promotion in the log', async () => (await app.log()).find((l) => l.what === 'promoted'), { timeout: 60_000 });
  t.diagnostic(promoted.words);
  assert.notEqual(promoted.of, before, 'another database became the primary');
  assert.match(promoted.words, /\d+ .*(lost|missing)|no .*(lost|missing)/i, 'the line counts the writes that were lost');
  await until('the crown to move', async () => PRIMARY.test(await app.told(promoted.of)));
  await shot(page, 'promoted');

  // Shared, and seen by a friend.
  const link = await app.share();
  assert.ok(link.startsWith(site.url), `the link leads here: ${link}`);
  assert.ok(link.length < 2000, `the link has ${link.length} characters`);
  await assertReplays(app, link);
  await shot(page, 'end');
  assertQuiet(page);
  await page.context().close();
});

test('with the keyboard alone', { timeout: 300_000 }, async () => {
  const page = await site.open();
  const app = await new Loadstone(page).ready();
  const { keyboard } = page;
  await until('the example to run by itself', async () => (await app.now()) > 0.5);
  const balancer = await app.findOne(/load balancer/i);
  const primary = await app.findOne(PRIMARY);

  // Tab reaches the balancer; Mod and an arrow add a card that it is linked to.
  await tabTo(page, balancer);
  const before = await app.nodes();
  await keyboard.press('Control+ArrowDown');
  const added = await until('a new card', async () => (await app.nodes()).find((id) => !before.includes(id)));
  assert.ok((await app.links()).includes(`${balancer}>${added}`), 'it is linked to the balancer');
  await until('the keyboard to go to it', async () => (await focused(page)) === added, { timeout: 2000 });

  // Undo and redo take back and bring again.
  await keyboard.press('Control+z');
  await until('the card to be gone', async () => !(await app.nodes()).includes(added));
  await keyboard.press('Control+Shift+z');
  await until('the card to be back', async () => (await app.nodes()).includes(added));

  // The primary is reached, crashed, and a replica takes over.
  await tabTo(page, primary);
  await keyboard.press('x');
  await app.logged('crash', primary);
  await until('a promotion in the log', async () => (await app.log()).some((l) => l.what === 'promoted'), { timeout: 60_000 });

  // Space pauses; the share button is reached and gives the link.
  await keyboard.press('Space');
  await until('the run to stand', async () => !(await app.running()));
  await page.getByTestId('share').focus();
  await keyboard.press('Enter');
  const link = await page.getByTestId('share-link').inputValue();
  await keyboard.press('Escape');
  await assertReplays(app, link);
  assertQuiet(page);
  await page.context().close();
});

const focused = (page) => page.evaluate(() => document.activeElement?.dataset.node);

/** Presses Tab until the card has the focus. */
async function tabTo(page, id) {
  for (let i = 0; i < 120; i++) {
    if ((await focused(page)) === id) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`Tab does not reach ${id} in 120 steps`);
}
