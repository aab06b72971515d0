// What hands do with a design beyond drawing it: bring cards in order, and save it in other forms.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { assertQuiet, stage, until } from './harness.mjs';
import { Loadstone } from './page.mjs';
import { fragment, stack } from './native.mjs';

const site = stage();

const CROOKED = {
  loadstone: 1, name: 'Crooked', seed: 1, run_s: 20,
  nodes: [
    { id: 'users', kind: 'users', at: [0, 30], params: { rate_rps: 20 } },
    { id: 'lb', kind: 'load_balancer', at: [250, 0] },
    { id: 'web1', kind: 'server', at: [520, -70] },
    { id: 'web2', kind: 'server', at: [500, 160] },
    { id: 'web3', kind: 'server', at: [540, 240] },
  ],
  links: [
    { from: 'users', to: 'lb' }, { from: 'lb', to: 'web1' }, { from: 'lb', to: 'web2' }, { from: 'lb', to: 'web3' },
  ],
};

async function opened() {
  const page = await site.open(`#${fragment(CROOKED)}`);
  const app = await new Loadstone(page).ready();
  await app.pause();
  return app;
}

/** Where each card's left edge and top are, in whole pixels of the screen. */
const places = (app) => app.page.locator('[data-node]').evaluateAll((cards) =>
  Object.fromEntries(cards.map((c) => {
    const { x, y } = c.getBoundingClientRect();
    return [c.dataset.node, { x: Math.round(x), y: Math.round(y) }];
  })));

test('cards are aligned and spread by the mouse, in one step of undo each', async () => {
  const app = await opened();
  const before = await places(app);
  await app.select('web1');
  for (const id of ['web2', 'web3']) await app.card(id).locator('.name').click({ modifiers: ['Shift'] });
  const arrange = app.page.getByRole('group', { name: 'Arrange' });
  await arrange.getByRole('button', { name: /^Align left/ }).click();
  await until('the servers to stand in a column', async () => {
    const { web1, web2, web3 } = await places(app);
    return web1.x === web2.x && web2.x === web3.x && web2.x === before.web2.x;
  });
  await arrange.getByRole('button', { name: /^Spread from top to bottom/ }).click();
  await until('equal gaps between them', async () => {
    const { web1, web2, web3 } = await places(app);
    return Math.abs(web2.y - web1.y - (web3.y - web2.y)) <= 2;
  });
  await app.page.getByRole('button', { name: /^Undo/ }).click();
  await app.page.getByRole('button', { name: /^Undo/ }).click();
  await until('everything to stand as before', async () => JSON.stringify(await places(app)) === JSON.stringify(before));
  assertQuiet(app.page);
  await app.page.context().close();
});

test('a design is laid out along the way of a request by the keyboard', async () => {
  const app = await opened();
  const before = await places(app);
  await app.page.getByTestId('canvas').focus();
  await app.page.keyboard.press('Control+Shift+KeyL');
  await until('columns in the order of the links', async () => {
    const { users, lb, web1, web2, web3 } = await places(app);
    return users.x < lb.x && lb.x < web1.x && web1.x === web2.x && web2.x === web3.x;
  });
  await app.page.keyboard.press('Control+KeyZ');
  await until('everything to stand as before', async () => JSON.stringify(await places(app)) === JSON.stringify(before));
  assertQuiet(app.page);
  await app.page.context().close();
});

for (const by of ['mouse', 'keyboard']) {
  test(`a design is saved as containers that run, by ${by}: the same files as natively`, async () => {
    const app = await opened();
    const { page } = app;
    const saved = page.waitForEvent('download');
    if (by === 'mouse') {
      await page.getByTestId('document-menu').click();
      await page.getByRole('menuitem', { name: /containers that run/ }).click();
    } else {
      await page.getByTestId('canvas').focus();
      await page.keyboard.press('Control+KeyK');
      await page.keyboard.type('containers that run');
      await page.keyboard.press('Enter');
    }
    const download = await saved;
    assert.equal(download.suggestedFilename(), 'crooked.stack.zip');
    const zip = await readFile(await download.path());
    const files = stack(CROOKED);
    assert.ok(Object.keys(files).includes('compose.yaml'), `no compose.yaml among ${Object.keys(files)}`);
    for (const [path, content] of Object.entries(files)) {
      assert.ok(zip.includes(`crooked/${path}`), `${path} is not in the archive`);
      assert.ok(zip.includes(content), `${path} in the archive is not what \`loadstone stack\` writes`);
    }
    assertQuiet(page);
    await page.context().close();
  });
}

test('what leaves and joins while it runs does so on the canvas when it does in the run', { timeout: 60_000 }, async () => {
  const page = await site.open(`#${fragment(CROOKED)}`);
  const app = await new Loadstone(page).ready();
  await app.play();
  await until('a second of the run', async () => (await app.now()) > 1);
  await app.select('web2');
  await page.keyboard.press('Delete');
  await until('the server to be gone, without another step', async () => !(await app.nodes()).includes('web2'), { timeout: 3000 });
  await app.select('web3');
  await page.keyboard.press('Control+KeyD');
  const copy = await until('its copy', async () => (await app.nodes()).find((id) => !['users', 'lb', 'web1', 'web3'].includes(id)));
  await until('the copy to be there and not only to come', async () => !(await app.card(copy).getAttribute('class')).includes('absent'), { timeout: 3000 });
  await until('requests to reach it', async () => /req\/s/.test(await app.told(copy)));
  assertQuiet(page);
  await page.context().close();
});

test('a problem with one obvious way out is mended by its button, by mouse and by keyboard, and undo takes it back', { timeout: 60_000 }, async () => {
  const page = await site.open();
  const app = await new Loadstone(page).ready();
  const broken = JSON.parse(JSON.stringify(CROOKED));
  broken.nodes[2].params = { cores: 5000 };
  broken.links.push({ from: 'web1', to: 'web1' });
  await page.locator('#open-file').setInputFiles({ name: 'broken.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(broken)) });
  await until('both problems', async () => (await page.getByTestId('problems').locator('.error').count()) === 2);
  await page.getByRole('button', { name: /^Set to \d+$/ }).click();
  await until('one problem less', async () => (await page.getByTestId('problems').locator('.error').count()) === 1);
  const last = page.getByRole('button', { name: 'Delete the link' });
  await last.focus();
  await page.keyboard.press('Enter');
  await until('no problem', async () => (await page.getByTestId('problems').locator('.error').count()) === 0);
  await app.play();
  await until('it to run', async () => (await app.now()) > 0.5);
  await page.getByTestId('undo').click();
  await until('the link to be back, and with it the problem', async () => (await page.getByTestId('problems').locator('.error').count()) === 1);
  assertQuiet(page);
  await page.context().close();
});

test('a zone is grouped, dragged by its name and lost as one, by mouse and by keyboard', { timeout: 60_000 }, async () => {
  const app = await opened();
  const { page } = app;
  await app.select('web2');
  await app.card('web3').locator('.name').click({ modifiers: ['Shift'] });
  await page.keyboard.press('Control+g');
  const frame = page.locator('[data-zone="zone-a"]');
  await until('a frame', async () => (await frame.getAttribute('aria-label')) === 'zone-a, zone of 2 components');

  // By its name everything in it moves, in one step.
  await page.getByTestId('canvas').click({ position: { x: 8, y: 8 } });
  const before = await places(app);
  const grip = await app.middle(frame);
  await app.drag(grip, { x: grip.x - 60, y: grip.y + 40 });
  await until('both to have moved, and nothing else', async () => {
    const now = await places(app);
    return now.web2.x < before.web2.x - 30 && now.web3.x - now.web2.x === before.web3.x - before.web2.x && now.lb.x === before.lb.x;
  });
  await page.keyboard.press('Control+z');
  await until('everything to stand as before', async () => JSON.stringify(await places(app)) === JSON.stringify(before));

  // Named anew for all of it, then lost and brought back.
  await frame.focus();
  await page.locator('#f-zone').fill('eu-a');
  await page.locator('#f-zone').press('Tab');
  const named = page.locator('[data-zone="eu-a"]');
  await named.click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Lose the zone' }).click();
  await app.play();
  await until('the zone to be down', async () => (await named.getAttribute('aria-label')) === 'eu-a down, zone of 2 components');
  for (const id of ['web2', 'web3']) assert.match(await app.told(id), /crashed/);
  await named.focus();
  await page.keyboard.press('Shift+x');
  await until('the zone to be back', async () => (await named.getAttribute('aria-label')) === 'eu-a, zone of 2 components', { timeout: 30_000 });
  assertQuiet(page);
  await page.context().close();
});

test('what is locked stays under the hand, and a card carries the mark of a problem', { timeout: 60_000 }, async () => {
  const app = await opened();
  const { page } = app;
  await app.select('web1');
  await page.keyboard.press('Shift+l');
  await until('a padlock', async () => (await app.card('web1').locator('.lock').count()) === 1);
  const before = await places(app);
  const grip = await app.middle(app.card('web1').locator('.name'));
  await app.drag(grip, { x: grip.x + 80, y: grip.y + 80 });
  await until('words', async () => /Web 1 is locked/.test(await app.notice().textContent()));
  assert.deepEqual(await places(app), before);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('primary');
  const choice = page.getByRole('option', { name: /Make it the primary/ });
  assert.equal(await choice.getAttribute('aria-disabled'), 'true');
  assert.match(await choice.textContent(), /select one database first/, 'a command says why it cannot be done');
  await page.keyboard.press('Escape');

  const added = await app.dragFromPalette('lb', await app.emptyPlace(await app.middle(app.card('users'))));
  await until('a mark on the balancer without servers', async () => (await app.card(added).locator('.flaw').count()) === 1);
  assert.match(await app.told(added), /problem: /);
  await app.drawLink(added, 'web1');
  await until('the mark to be gone', async () => (await app.card(added).locator('.flaw').count()) === 0);
  assertQuiet(page);
  await page.context().close();
});

test('keys in quick succession on a busy page: Esc closes a dialog, and the very next key is the page\'s', { timeout: 60_000 }, async () => {
  const app = await opened();
  const { page } = app;
  const keyboard = await page.context().newCDPSession(page);
  const down = (key, code, windowsVirtualKeyCode, modifiers = 0) => keyboard.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', key, code, windowsVirtualKeyCode, modifiers });
  const [CONTROL, SHIFT] = [2, 8];
  const closeAndPress = async (...key) => {
    await page.getByTestId('share').click();
    await page.getByTestId('share-link').waitFor();
    // Both keys wait until the page has time, and come before the browser tells that the dialog was closed.
    await Promise.all([
      page.evaluate(() => { for (const end = performance.now() + 200; performance.now() < end;); }),
      down('Escape', 'Escape', 27),
      down(...key),
    ]);
  };
  await closeAndPress('?', 'Slash', 191, SHIFT);
  await page.getByRole('dialog', { name: 'Help' }).waitFor();
  await page.keyboard.press('Escape');
  await until('no dialog', async () => (await page.getByRole('dialog').count()) === 0);
  await closeAndPress('k', 'KeyK', 75, CONTROL);
  await page.getByRole('dialog', { name: 'All commands' }).waitFor();
  await page.keyboard.type('fit');
  assert.match(await page.locator('#choice-0').textContent(), /fit/i, 'what is typed goes into the list');
  await page.keyboard.press('Escape');
  await until('no dialog', async () => (await page.getByRole('dialog').count()) === 0);
  assertQuiet(page);
  await page.context().close();
});

test('a diagram for Markdown opens again as the design', { timeout: 60_000 }, async () => {
  const app = await opened();
  const { page } = app;
  await page.keyboard.press('Control+k');
  await page.keyboard.type('mermaid');
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
  assert.equal(download.suggestedFilename(), 'crooked.mmd');
  const text = await readFile(await download.path(), 'utf8');
  assert.match(text, /^%% loadstone#[\w-]+\nflowchart LR\n/);
  assert.match(text, /n0\(\["Users"\]\)/);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('New document');
  await page.keyboard.press('Enter');
  await until('an empty canvas', async () => (await app.nodes()).length === 0);
  await page.locator('#open-file').setInputFiles({ name: 'crooked.mmd', mimeType: 'text/plain', buffer: Buffer.from(text) });
  await until('the design to be back', async () => (await app.nodes()).length === 5);
  assertQuiet(page);
  await page.context().close();
});

test('hints come one at a time, leave when used, and stay away', { timeout: 90_000 }, async () => {
  const page = await site.open();
  const app = await new Loadstone(page).ready();
  await app.pause();
  const hint = page.getByTestId('hint');
  assert.equal(await hint.count(), 0, 'one thing at a time: first what to try');
  await page.getByTestId('try-this').getByRole('button').click();
  await until('the first hint', async () => /with X/.test(await hint.textContent()));
  await app.select('web1');
  await page.keyboard.press('x');
  await until('the next hint', async () => /Drag a component/.test(await hint.textContent()));
  await app.dragFromPalette('web', await app.emptyPlace({ x: 700, y: 300 }));
  await until('the hint about links', async () => /edge of one card/.test(await hint.textContent()));
  await page.reload();
  await app.ready();
  await app.pause();
  await until('the same hint after a reload', async () => /edge of one card/.test(await hint.textContent()));
  await hint.getByRole('button', { name: 'No more hints' }).click();
  await until('no hint', async () => (await hint.count()) === 0);
  await page.reload();
  await app.ready();
  assert.equal(await hint.count(), 0, 'nor after another reload');
  await page.context().close();
});
