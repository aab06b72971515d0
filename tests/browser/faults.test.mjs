// Breaking things by name: the dialog by keyboard and from the timeline, and chaos with a seed that stays.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { assertQuiet, stage, until } from './harness.mjs';
import { Loadstone } from './page.mjs';

const site = stage();

async function marks(page) {
  return page.locator('.track .event').evaluateAll((all) => all.map((e) => e.getAttribute('aria-label').split(';')[0]));
}

test('by keyboard: a bad deploy of the selected server, at a time and for a time', async () => {
  const page = await site.open();
  const app = new Loadstone(page);
  await app.ready();
  await app.card('web1').focus();
  await page.keyboard.press('b');
  const dialog = page.locator('dialog[open]');
  await dialog.waitFor();
  assert.equal(await page.locator('#fault-target option:checked').textContent(), 'Web 1', 'the selected node is the target');
  await page.getByLabel('When').fill('90');
  await page.getByLabel('For how long').fill('5');
  await page.getByTestId('fault-deploy').press('Enter');
  await until('two more marks on the timeline', async () => (await marks(page)).filter((m) => m.startsWith('Web 1')).length === 2);
  assert.deepEqual((await marks(page)).filter((m) => m.startsWith('Web 1')), ['Web 1 30 % errors at 90 s', 'Web 1 slow ×2 at 90 s']);
  await page.keyboard.press('Control+z');
  await until('one undo takes both back', async () => !(await marks(page)).some((m) => m.startsWith('Web 1')));
  assertQuiet(page);
  await page.context().close();
});

test('a double click on the timeline breaks something there; a link offers what fits a link', async () => {
  const page = await site.open();
  const app = new Loadstone(page);
  await app.ready();
  const box = await page.locator('.track').boundingBox();
  await page.mouse.dblclick(box.x + box.width * 0.75, box.y + box.height / 2);
  await page.locator('dialog[open]').waitFor();
  const when = Number(await page.getByLabel('When').inputValue());
  assert.ok(Math.abs(when - 90) < 2, `three quarters of 120 s, not ${when}`);
  await page.getByTestId('fault-target').selectOption({ label: 'Balancer → Web 2' });
  assert.deepEqual(await page.locator('dialog .examples b').allTextContents(), ['Cut the link', 'Slow link ×10', 'Lossy link, 5 %']);
  await page.getByTestId('fault-lossy_link').click();
  await until('the mark', async () => (await marks(page)).some((m) => /^Balancer → Web 2 loss_share 0\.05 at/.test(m)));
  assertQuiet(page);
  await page.context().close();
});

test('chaos of the same seed breaks the same things', async () => {
  const drawn = [];
  for (const seed of ['7', '7', '8']) {
    const page = await site.open();
    const app = new Loadstone(page);
    await app.ready();
    await page.getByTestId('restart').click();
    await page.getByTestId('break').click();
    await page.getByTestId('chaos-seed').fill(seed);
    await page.getByTestId('chaos').click();
    await until('the marks of chaos', async () => (await marks(page)).some((m) => m.endsWith(`by chaos with seed ${seed}`)));
    drawn.push((await marks(page)).filter((m) => m.includes('by chaos')).map((m) => m.replace(/ seed .*/, '')));
    assertQuiet(page);
    await page.context().close();
  }
  assert.deepEqual(drawn[0], drawn[1], 'the same seed');
  assert.notDeepEqual(drawn[0], drawn[2], 'another seed');
});
