// Links made by strangers to do harm: each gives a message, quickly, and what is on the screen stays.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { assertQuiet, stage, until } from './harness.mjs';
import { Loadstone } from './page.mjs';
import { hostile } from './links.mjs';
import { fragment } from './native.mjs';

/** Until the message is on the screen, from the moment the link was followed. */
const PATIENCE_MS = 100;

/** A document whose every text tries to become code. */
const SCRIPT = '"><img src=x onerror="document.title=\'pwned\'"><script>document.title="pwned"</script>${7*7}';
const INNOCENT = {
  loadstone: 1,
  name: SCRIPT,
  notes: `[click](javascript:alert(1)) ${SCRIPT}`,
  nodes: [
    { id: 'users', kind: 'users', at: [0, 0], name: SCRIPT },
    { id: 'web', kind: 'server', at: [300, 0], name: SCRIPT, zone: SCRIPT.slice(0, 64) },
  ],
  links: [{ from: 'users', to: 'web' }],
};

const site = stage();

test('a hostile link gives a message within 100 ms and leaves the work alone', async (t) => {
  const page = await site.open();
  const app = await new Loadstone(page).ready();
  await app.dragFromPalette('web', await app.emptyPlace({ x: 700, y: 300 }));
  await app.pause();
  const [nodes, links] = [await app.nodes(), await app.links()];

  for (const [what, poison] of Object.entries(hostile(fragment(INNOCENT)))) {
    await t.test(`a link ${what}`, async () => {
      const took = await page.evaluate(
        (hash) =>
          new Promise((done) => {
            document.querySelector('[data-testid="notice"] button')?.click();
            requestAnimationFrame(() => {
              const start = performance.now();
              new MutationObserver((_, observer) => {
                if (!document.querySelector('[data-testid="notice"]')) return;
                observer.disconnect();
                done(performance.now() - start);
              }).observe(document.body, { childList: true, subtree: true });
              location.hash = hash;
            });
          }),
        poison,
      );
      const words = await app.notice().textContent();
      assert.match(words, /link/i, 'the message says that it is about the link');
      assert.ok(took < PATIENCE_MS, `the message came after ${took.toFixed(0)} ms: ${words}`);
      assert.deepEqual(await app.nodes(), nodes, 'the cards are untouched');
      assert.deepEqual(await app.links(), links, 'the links are untouched');
    });
  }
  assertQuiet(page);
  await page.context().close();
});

test('text of a stranger stays text', async () => {
  const page = await site.open(`#${fragment(INNOCENT)}`);
  const app = await new Loadstone(page).ready();
  await app.card('web').click();
  await page.getByTestId('share').click();
  await until('the title to be what the page sets', async () => !/pwned/.test(await page.title()));
  assert.equal(await page.locator('img[src="x"], a[href^="javascript:"]').count(), 0, 'no element came out of a text');
  assert.ok((await app.told('web')).includes('<script>'), 'the name is shown as it was written');
  assertQuiet(page);
  await page.context().close();
});

test('a good link that is cut opens the page with a message and an example to run', async () => {
  const page = await site.open(`#${fragment(INNOCENT).slice(0, 60)}`);
  const app = await new Loadstone(page).ready();
  assert.match(await app.notice().textContent(), /link/i);
  assert.ok((await app.nodes()).length > 2);
  assertQuiet(page);
  await page.context().close();
});
