// The simulator may die or hang; the page says so, starts it again, and what was drawn is untouched.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { stage, until } from './harness.mjs';
import { Loadstone } from './page.mjs';

const site = stage();

const harm = {
  'throws an error': () => setTimeout(() => { throw new Error('harmed by the test'); }),
  'ends itself': () => self.close(),
  'hangs': () => setTimeout(() => { for (;;); }),
};

for (const [what, act] of Object.entries(harm)) {
  test(`a simulator that ${what} is started again`, async () => {
    const page = await site.open();
    const app = await new Loadstone(page).ready();
    const added = await app.dragFromPalette('web', await app.emptyPlace({ x: 700, y: 300 }));
    await until('the run to be past a second', async () => (await app.now()) > 1);
    // The two engines do not change in the middle of it.
    const worker = await app.fast();
    const [nodes, links, reached] = [await app.nodes(), await app.links(), await app.now()];

    worker.evaluate(act).catch(() => {});
    await until('a message about it', async () => /simulator/i.test(await app.notice().textContent()), { timeout: 30_000 });

    await until('the run to go on from where it was', async () => (await app.now()) > reached + 1, { timeout: 30_000 });
    // A browser takes its time to end a program that hangs.
    await until('exactly one simulator to be left', () => page.workers().length === 1);
    assert.deepEqual(await app.nodes(), nodes, 'the cards are untouched');
    assert.deepEqual(await app.links(), links, 'the links are untouched');
    assert.ok(nodes.includes(added));
    await page.context().close();
  });
}
