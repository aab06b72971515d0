// What hands expect of a canvas, one after the other: every row of the table in docs/hands.md that is no command of a menu.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { assertQuiet, stage, until } from './harness.mjs';
import { Loadstone } from './page.mjs';
import { fragment } from './native.mjs';

const site = stage();

const DESIGN = {
  loadstone: 1, name: 'Hands', seed: 1, run_s: 20,
  nodes: [
    { id: 'users', kind: 'users', at: [0, 0], params: { rate_rps: 5 } },
    { id: 'lb', kind: 'load_balancer', at: [260, 0] },
    { id: 'web1', kind: 'server', at: [520, -80] },
    { id: 'web2', kind: 'server', at: [520, 80] },
  ],
  links: [{ from: 'users', to: 'lb' }, { from: 'lb', to: 'web1' }],
};

async function opened() {
  const app = await new Loadstone(await site.open(`#${fragment(DESIGN)}`)).ready();
  await app.pause();
  await app.page.getByTestId('canvas').click({ position: { x: 8, y: 8 } });
  return app;
}

async function close(app) {
  assertQuiet(app.page);
  await app.page.context().close();
}

const chosen = (app) => app.page.locator('[data-node][aria-pressed="true"]').evaluateAll((cards) => cards.map((c) => c.dataset.node).sort());
const selects = (app, what, ids) => until(what, async () => (await chosen(app)).join() === ids.join());
const at = (app, id) => app.middle(app.card(id).locator('.name'));
/** Where a card stands, in whole pixels of the screen. */
const box = async (app, id) => {
  const { x, y } = await app.card(id).boundingBox();
  return { x: Math.round(x), y: Math.round(y) };
};
const zoom = async (app) => parseInt(await app.page.getByTestId('zoom').textContent(), 10);

test('selecting: click, Shift-click, marquee, all, none', { timeout: 60_000 }, async () => {
  const app = await opened();
  const { page } = app;
  await app.card('web1').locator('.name').click();
  await selects(app, 'one', ['web1']);
  await app.card('web2').locator('.name').click({ modifiers: ['Shift'] });
  await selects(app, 'another one as well', ['web1', 'web2']);
  await app.card('web1').locator('.name').click({ modifiers: ['Shift'] });
  await selects(app, 'no longer the first', ['web2']);
  const [first, last] = [await app.card('web1').boundingBox(), await app.card('web2').boundingBox()];
  await app.drag({ x: first.x - 20, y: first.y - 20 }, { x: last.x + 30, y: last.y + 30 });
  await selects(app, 'what the marquee touches', ['web1', 'web2']);
  await page.keyboard.press('Escape');
  await selects(app, 'nothing', []);
  await page.keyboard.press('Control+a');
  await selects(app, 'everything', ['lb', 'users', 'web1', 'web2']);
  await page.getByTestId('canvas').click({ position: { x: 8, y: 8 } });
  await selects(app, 'nothing, by a click beside', []);
  await close(app);
});

test('moving: drag, group, nudge, Esc puts back, Alt-drag copies, and each is one undo', { timeout: 60_000 }, async () => {
  const app = await opened();
  const { page } = app;
  const start = { web1: await box(app, 'web1'), web2: await box(app, 'web2') };
  const unchanged = () => until('everything to be back', async () =>
    JSON.stringify({ web1: await box(app, 'web1'), web2: await box(app, 'web2') }) === JSON.stringify(start));
  await app.card('web1').locator('.name').click();
  await app.card('web2').locator('.name').click({ modifiers: ['Shift'] });
  const grip = await at(app, 'web1');
  await app.drag(grip, { x: grip.x + 40, y: grip.y + 20 });
  await until('both to have moved', async () => (await box(app, 'web2')).x > start.web2.x + 20 && (await box(app, 'web1')).x > start.web1.x + 20);
  await page.keyboard.press('Control+z');
  await unchanged();

  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Shift+ArrowDown');
  await until('a nudge of 2 and 10', async () => {
    const now = await box(app, 'web1');
    return now.x === start.web1.x + 2 && now.y === start.web1.y + 10;
  });
  await page.keyboard.press('Control+z');
  await unchanged();

  await page.mouse.move(grip.x, grip.y);
  await page.mouse.down();
  await page.mouse.move(grip.x + 60, grip.y + 60, { steps: 5 });
  await page.keyboard.press('Escape');
  await page.mouse.up();
  await unchanged();

  await page.keyboard.press('Escape');
  const before = await app.nodes();
  await page.keyboard.down('Alt');
  await app.drag(await at(app, 'web2'), { x: grip.x, y: grip.y + 300 });
  await page.keyboard.up('Alt');
  await until('a copy where it was dropped', async () => (await app.nodes()).length === before.length + 1);
  await unchanged();
  await page.keyboard.press('Control+z');
  await until('the copy to be gone in one step', async () => (await app.nodes()).length === before.length);
  await close(app);
});

test('the view: wheel, zoom at the pointer, Space and middle drag, fit, minimap', { timeout: 60_000 }, async () => {
  const app = await opened();
  const { page } = app;
  const { mouse, keyboard } = page;
  const spot = await at(app, 'web1');
  await mouse.move(spot.x, spot.y);
  const moved = async (what, act, wanted) => {
    const before = await box(app, 'lb');
    await act();
    await until(what, async () => {
      const now = await box(app, 'lb');
      return wanted(now.x - before.x, now.y - before.y);
    });
  };
  await moved('the wheel to pan', () => mouse.wheel(0, 60), (x, y) => x === 0 && y === -60);
  await moved('the wheel with Shift to pan sideways', async () => {
    await keyboard.down('Shift');
    await mouse.wheel(0, 60);
    await keyboard.up('Shift');
  }, (x, y) => x === -60 && y === 0);
  await keyboard.down('Control');
  await mouse.wheel(0, -20);
  await keyboard.up('Control');
  await until('the wheel with Control to zoom', async () => (await zoom(app)) > 100);
  await keyboard.press('Control+0');
  await until('100 %', async () => (await zoom(app)) === 100);
  await keyboard.press('Control+-');
  await until('smaller', async () => (await zoom(app)) < 100);
  await keyboard.press('Control+0');

  await page.getByTestId('canvas').focus();
  await keyboard.down(' ');
  await moved('Space and a drag to pan', () => app.drag({ x: spot.x, y: spot.y + 160 }, { x: spot.x + 30, y: spot.y + 170 }), (x, y) => x === 30 && y === 10);
  await keyboard.up(' ');
  assert.equal(await app.running(), false, 'the Space that panned does not play');
  await moved('the middle button to pan', async () => {
    await mouse.move(spot.x, spot.y + 160);
    await mouse.down({ button: 'middle' });
    await mouse.move(spot.x - 40, spot.y + 150, { steps: 4 });
    await mouse.up({ button: 'middle' });
  }, (x, y) => x === -40 && y === -10);

  await keyboard.press('Shift+1');
  const board = await page.getByTestId('canvas').boundingBox();
  for (const id of await app.nodes()) {
    const card = await app.card(id).boundingBox();
    assert.ok(card.x >= board.x && card.x + card.width <= board.x + board.width, `${id} is in sight after fitting everything`);
  }
  await app.card('web2').locator('.name').click();
  await keyboard.press('Shift+2');
  await until('the selection to be in the middle', async () => {
    const spot = await app.middle(app.card('web2'));
    return Math.abs(spot.x - board.x - board.width / 2) < 20 && Math.abs(spot.y - board.y - board.height / 2) < 20;
  });
  await moved('the minimap to move the view', async () => {
    const map = await page.locator('.minimap').boundingBox();
    await mouse.click(map.x + 10, map.y + map.height / 2);
  }, (x) => x > 50);
  await close(app);
});

test('links: click and click, dropped on nothing, an end taken elsewhere, and none that makes no sense', { timeout: 60_000 }, async () => {
  const app = await opened();
  const { page } = app;
  const linked = (link) => until(`the link ${link}`, async () => (await app.links()).includes(link));
  await app.card('lb').hover();
  await app.card('lb').locator('[data-handle="right"]').click();
  await app.card('web2').locator('.name').click();
  await linked('lb>web2');

  const place = await app.emptyPlace(await at(app, 'web2'));
  const before = await app.nodes();
  await app.card('web2').hover();
  await app.drag(await app.middle(app.card('web2').locator('[data-handle="right"]')), place);
  await page.getByRole('menuitem', { name: 'Database' }).click();
  const db = await until('a database', async () => (await app.nodes()).find((id) => !before.includes(id)));
  await linked(`web2>${db}`);

  await app.link('users', 'lb').focus();
  await app.drag(await app.middle(app.link('users', 'lb').locator('[data-end="to"]')), await app.middle(app.card('web1')));
  await linked('users>web1');
  assert.ok(!(await app.links()).includes('users>lb'), 'the end has left');

  const links = await app.links();
  await app.card(db).hover();
  await page.mouse.move(...Object.values(await app.middle(app.card(db).locator('[data-handle="left"]'))));
  await page.mouse.down();
  await page.mouse.move(...Object.values(await at(app, 'users')), { steps: 8 });
  await until('words on why', async () => /nothing calls the users|speak|makes no sense|draw the link/i.test(await page.locator('.hint-bubble').textContent()));
  await page.mouse.up();
  assert.deepEqual(await app.links(), links, 'no such link was drawn');
  await close(app);
});

test('names in place, menus of the right button, find, and copies across tabs', { timeout: 60_000 }, async () => {
  const app = await opened();
  const { page } = app;
  await app.card('web1').locator('.name').dblclick();
  await page.keyboard.type('Front');
  await page.keyboard.press('Enter');
  await until('the new name', async () => (await app.name('web1')) === 'Front');
  await app.card('web2').locator('.name').click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Duplicate' }).click();
  await until('a duplicate', async () => (await app.nodes()).length === 5);
  await page.keyboard.press('Control+z');
  await page.keyboard.press('Control+f');
  await page.keyboard.type('fron');
  await page.keyboard.press('Enter');
  await selects(app, 'what was found', ['web1']);

  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.keyboard.press('Control+c');
  const other = await page.context().newPage();
  await other.goto(site.url);
  const there = await new Loadstone(other).ready();
  await there.pause();
  await other.getByTestId('canvas').focus();
  const before = await there.nodes();
  await other.keyboard.press('Control+v');
  const pasted = await until('the copy in the other tab', async () => (await there.nodes()).find((id) => !before.includes(id)));
  assert.match(await there.name(pasted), /^Front( 2)?$/);
  await close(app);
});
