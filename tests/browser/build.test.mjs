// From an empty canvas to a shared run with a failover: by keyboard, by mouse and by touch. Each hand builds the same design
// out of the same parts, and hears and sees the same story.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { assertQuiet, SIZES, stage, until } from './harness.mjs';
import { Loadstone } from './page.mjs';
import { Keys, LINKS } from './keys.mjs';
import { run } from './native.mjs';

const site = stage();

/** The example that the page opens with, paused. */
async function opened(options) {
  const app = await new Loadstone(await site.open('', options)).ready();
  await app.pause();
  return app;
}

/** The design is as wanted, under the names of these identifiers. */
async function assertBuilt(app, ids) {
  const names = Object.fromEntries(Object.entries(ids).map(([name, id]) => [id, name]));
  const links = (await app.links()).map((l) => l.split('>').map((id) => names[id] ?? id).join('>')).sort();
  assert.deepEqual(links, LINKS, 'the design is as wanted');
}

/** Whether a replica takes over from the selected database by itself. */
const failsOver = (page) => page.locator('[data-param="failover.mode"] select');

/** The link replays what was done: natively, the primary crashes and the replica is promoted. */
function assertReplays(link, ids) {
  const { report } = run(link);
  const story = report.log.map((l) => `${l.what} ${l.node}`);
  for (const line of [`crash ${ids.db1}`, `promoted ${ids.db2}`]) assert.ok(story.includes(line), `"${line}" is among ${story.join(', ')}`);
}

test('by keyboard alone, with what is announced', { timeout: 180_000 }, async (t) => {
  const { page } = await opened();
  const keys = await new Keys(page).ready();
  const { ids, link } = await keys.story();
  const heard = await keys.heard();
  t.diagnostic(heard);
  const [primary, replica] = [await keys.name(ids.db1), await keys.name(ids.db2)];
  for (const wanted of [/New document/, /Added/, new RegExp(`${primary}.*crash`), new RegExp(`${replica}.*primary`)]) assert.match(heard, wanted);
  assertReplays(link, ids);
  assertQuiet(page);
  await page.context().close();
});

test('by mouse, in fewer than forty actions', { timeout: 180_000 }, async (t) => {
  const app = await opened();
  const { page } = app;
  let actions = 0;
  const count = (action) => { actions += 1; return action; };
  await count(page.getByTestId('document-menu').click());
  await count(page.getByRole('menuitem', { name: 'New document' }).click());
  await until('an empty canvas', async () => (await app.nodes()).length === 0);
  const board = await page.getByTestId('canvas').boundingBox();
  const at = (x, y) => ({ x: board.x + board.width * x, y: board.y + board.height * y });
  const ids = {};
  for (const [name, stem, x, y] of [
    ['dns', 'dns', 0.15, 0.2], ['users', 'users', 0.15, 0.5], ['lb', 'lb', 0.38, 0.5],
    ['web1', 'web', 0.6, 0.2], ['web2', 'web', 0.6, 0.75], ['db1', 'db', 0.85, 0.35], ['db2', 'db', 0.85, 0.75],
  ]) ids[name] = await count(app.dragFromPalette(stem, at(x, y)));
  for (const link of LINKS) {
    const [from, to] = link.split('>');
    await count(app.drawLink(ids[from], ids[to]));
  }
  await assertBuilt(app, ids);
  await count(app.select(ids.db1));
  await count(failsOver(page).selectOption('automatic'));
  await count(page.getByTestId('play').click());
  await until('the run to go', async () => (await app.now()) > 1);
  await count(page.getByTestId('do-crash').click());
  await app.logged('crash', ids.db1);
  await count(app.speed(5));
  await until('a promotion', async () => (await app.log()).some((l) => l.what === 'promoted' && l.of === ids.db2), { timeout: 60_000 });
  const link = await count(app.share());
  assertReplays(link, ids);
  t.diagnostic(`${actions} actions`);
  assert.ok(actions < 40, `${actions} actions`);
  assertQuiet(page);
  await page.context().close();
});

test('by touch, on a phone', { timeout: 180_000 }, async () => {
  const app = await opened({ size: SIZES[2], hasTouch: true, isMobile: true });
  const { page } = app;
  const fingers = await page.context().newCDPSession(page);
  const touch = (type, ...points) => fingers.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(({ x, y }, id) => ({ x, y, id })) });
  /** One finger from here to there. */
  const swipe = async (from, to) => {
    await touch('touchStart', from);
    for (let i = 1; i <= 10; i++) await touch('touchMove', { x: from.x + ((to.x - from.x) * i) / 10, y: from.y + ((to.y - from.y) * i) / 10 });
    await touch('touchEnd');
  };
  const tap = (locator) => locator.tap();
  /** What a long press on this point offers. */
  const longPress = async (point, item) => {
    await touch('touchStart', point);
    await page.getByRole('menu', { name: 'Menu' }).waitFor();
    await touch('touchEnd');
    await tap(page.getByRole('menuitem', { name: item }));
  };
  await tap(page.getByTestId('document-menu'));
  await tap(page.getByRole('menuitem', { name: 'New document' }));
  await until('an empty canvas', async () => (await app.nodes()).length === 0);

  const ids = {};
  for (const [name, stem] of [['users', 'users'], ['dns', 'dns'], ['lb', 'lb'], ['web1', 'web'], ['web2', 'web'], ['db1', 'db'], ['db2', 'db']]) {
    const before = await app.nodes();
    await tap(page.getByRole('navigation', { name: 'Panels' }).getByRole('button', { name: 'Add' }));
    await tap(page.getByTestId(`add-${stem}`));
    ids[name] = await until(`a card for ${name}`, async () => (await app.nodes()).find((n) => !before.includes(n)));
  }
  // Everything in sight, then links from handle to card, by one finger.
  const board = await page.getByTestId('canvas').boundingBox();
  await tap(page.getByRole('button', { name: 'Fit everything' }));
  for (const link of LINKS) {
    const [from, to] = link.split('>').map((name) => ids[name]);
    await app.card(from).locator('.name').tap();
    await until(`${from} to be selected`, async () => (await app.card(from).getAttribute('aria-pressed')) === 'true');
    await swipe(await app.middle(app.card(from).locator('[data-handle="right"]')), await app.middle(app.card(to)));
    await until(`the link ${from} → ${to}`, async () => (await app.links()).includes(`${from}>${to}`));
  }
  await assertBuilt(app, ids);

  // A card follows the finger; two fingers zoom.
  const before = await app.middle(app.card(ids.dns));
  await swipe(before, { x: before.x, y: board.y + 60 });
  await until('the card to have moved', async () => Math.abs((await app.middle(app.card(ids.dns))).y - (board.y + 60)) < 30);
  const zoom = await page.getByTestId('zoom').textContent();
  const [x, y] = [board.x + board.width / 2, board.y + board.height / 2];
  await touch('touchStart', { x: x - 40, y }, { x: x + 40, y });
  for (let i = 1; i <= 8; i++) await touch('touchMove', { x: x - 40 - i * 6, y }, { x: x + 40 + i * 6, y });
  await touch('touchEnd');
  await until('the canvas to be larger', async () => parseInt(await page.getByTestId('zoom').textContent(), 10) > parseInt(zoom, 10));
  await tap(page.getByRole('button', { name: 'Fit everything' }));

  // The failover is a setting of the primary, on the sheet below.
  await app.card(ids.db1).locator('.name').tap();
  const sheet = (name) => page.getByRole('navigation', { name: 'Panels' }).getByRole('button', { name });
  await tap(sheet('Details'));
  await failsOver(page).selectOption('automatic');
  await tap(sheet('Details'));

  // A long press opens the menu; the run goes, and the primary crashes from there.
  await tap(page.getByTestId('play'));
  await until('the run to go', async () => (await app.now()) > 1);
  await longPress(await app.middle(app.card(ids.db1)), 'Crash or recover');
  await app.logged('promoted', ids.db2, { timeout: 60_000 });
  const link = await app.share();
  assertReplays(link, ids);
  assertQuiet(page);
  await page.context().close();
});
