// The page inside another one, and the page that is only looked at: what works there, what is heard, and what is told.

import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { assertQuiet, open, serve, stage, until } from './harness.mjs';
import { Loadstone } from './page.mjs';
import { fragment } from './native.mjs';

const DOCUMENT = {
  loadstone: 1,
  name: 'Two "web" servers <1>',
  run_s: 30,
  nodes: [
    { id: 'users', kind: 'users', at: [0, 0], params: { rate_rps: 50 } },
    { id: 'web', kind: 'server', at: [300, 0] },
  ],
  links: [{ from: 'users', to: 'web' }],
};

const site = stage();
let host;
/** What the page around says to the one inside. */
let around;
before(async () => {
  host = await serve({ answer: (path) => (path === '/' ? { type: 'text/html', body: around } : undefined) });
});
after(() => host?.close());

/** A page of another origin with ours inside, and what it was told so far. */
async function embedded(snippet) {
  around = `<!doctype html><title>Around</title><body>${snippet}<script>
    window.told = [];
    addEventListener('message', (event) => told.push(event.data));
    window.tell = (message) => document.querySelector('iframe').contentWindow.postMessage(message, '*');
  </script>`;
  const page = await open(site.browser, new URL('/', host.url).href);
  // The page inside is of another origin, as it always is.
  page.problems.length = 0;
  const inside = page.frameLocator('iframe');
  await inside.getByTestId('canvas').waitFor();
  const last = () => page.evaluate(() => window.told.at(-1));
  return { page, inside, last, tell: (message) => page.evaluate((m) => window.tell(m), message) };
}

const frame = (hash) => `<iframe src="${site.url}?embed#${hash}" width="900" height="480"></iframe>`;

test('a page around plays, pauses and seeks, and is told the size and the state of the run, nothing else', { timeout: 60_000 }, async () => {
  const { page, inside, last, tell } = await embedded(frame(fragment(DOCUMENT)));
  const state = await until('the page around to be told that it plays', async () => ((s) => s?.run === 'playing' && s.now_s >= 1 && s)(await last()));
  assert.deepEqual(Object.keys(state).sort(), ['end_s', 'height', 'loadstone', 'now_s', 'run', 'width'], 'what is told');
  assert.deepEqual([state.loadstone, state.end_s], ['state', 30]);
  assert.ok(state.width > 400 && state.height > 100, `room for two cards: ${JSON.stringify(state)}`);
  await tell({ loadstone: 'pause' });
  await until('the run to stand', async () => (await last()).run === 'paused');
  await tell({ loadstone: 'seek', at_s: 12.5 });
  await until('the clock to be there', async () => (await inside.getByTestId('clock').textContent()).includes('0:12.5'));
  assert.equal((await last()).now_s, 12);
  await tell({ loadstone: 'seek', at_s: 1e9 });
  await until('the end, and not beyond', async () => (await last()).now_s === 30);
  await tell({ loadstone: 'seek', at_s: 3 });
  await until('3 s again', async () => (await last()).now_s === 3);
  await tell({ loadstone: 'play' });
  await until('the run to go on', async () => ((s) => s.run === 'playing' && s.now_s >= 4)(await last()));
  await page.context().close();
});

test('whatever else is said to it changes nothing', { timeout: 60_000 }, async () => {
  const { page, inside, last, tell } = await embedded(frame(fragment(DOCUMENT)));
  await until('the run to go', async () => (await last())?.run === 'playing');
  await tell({ loadstone: 'pause' });
  await until('the run to stand', async () => (await last()).run === 'paused');
  const before = await last();
  for (const message of [
    'play', null, 7, [], {}, { loadstone: 'open', document: '{}' }, { loadstone: 'PLAY' },
    { loadstone: { play: true } }, { loadstone: 'seek' }, { loadstone: 'seek', at_s: 'Infinity' }, { loadstone: 'seek', at_s: Number.NaN },
    { Load: { document: '{}', restart: true } },
  ]) {
    await tell(message);
  }
  await page.waitForTimeout(500);
  assert.deepEqual(await last(), before, 'the run stands where it stood');
  assert.equal(await inside.locator('[data-node]').count(), 2, 'the design is what it was');
  await page.context().close();
});

test('inside another page there are the canvas and the clock; nothing can be changed and nothing is kept', { timeout: 60_000 }, async () => {
  const page = await site.open(`?embed#${fragment(DOCUMENT)}`, { size: { width: 900, height: 480 } });
  await page.locator('[data-node="web"]').waitFor();
  await page.getByTestId('opener').waitFor();
  for (const hidden of ['.topbar', '.palette', '.inspector', '.charts', '.log', '[data-testid="break"]']) {
    assert.ok(!(await page.locator(hidden).first().isVisible()), `${hidden} is not on the screen`);
  }
  await page.locator('#board').focus();
  await page.keyboard.press('Space');
  await until('Space to pause it', async () => (await page.getByTestId('play').getAttribute('aria-label')) === 'Play');
  await page.locator('[data-node="web"]').click();
  for (const key of ['Delete', 'x', 'Control+KeyD', 'b', 'Control+KeyK', 'Control+KeyS']) await page.keyboard.press(key);
  await page.getByTestId('position').dblclick({ force: true });
  assert.equal(await page.locator('dialog, .menu').count(), 0, 'no dialog opens');
  assert.equal(await page.locator('[data-node]').count(), 2, 'both cards are there');
  await page.waitForTimeout(500);
  assert.equal(await page.locator('.track .event').count(), 0, 'nothing was broken');
  const kept = await page.evaluate(() => [localStorage.length, sessionStorage.length]);
  assert.deepEqual(kept, [0, 0], 'nothing is kept in the browser');
  assert.match(page.url(), /\?embed#.+/, 'the address still holds the design, for a reload');
  assertQuiet(page);
  await page.context().close();
});

test('a view-only page shows numbers and reasons, refuses changes, and leads to a copy that can be edited', { timeout: 90_000 }, async () => {
  const page = await site.open(`?view#${fragment(DOCUMENT)}`);
  const app = await new Loadstone(page).ready();
  await until('some seconds of the run', async () => (await app.now()) > 2);
  await app.select('web');
  await until('live numbers', async () => (await page.locator('.inspector .reading').count()) > 0);
  await page.getByRole('tab', { name: 'Settings' }).click();
  const fields = page.locator('.inspector fieldset').locator('input, select, button');
  assert.ok((await fields.count()) > 3, 'its settings are shown');
  assert.ok(await fields.evaluateAll((all) => all.every((f) => f.matches(':disabled'))), 'and none can be changed');
  const from = await app.middle(app.card('web'));
  const place = await app.card('web').evaluate((card) => card.style.transform);
  await app.drag(from, { x: from.x + 60, y: from.y + 40 });
  assert.equal(await app.card('web').evaluate((card) => card.style.transform), place, 'dragging a card moves the view, not the card');
  await page.locator('#board').focus();
  for (const key of ['Delete', 'x', 'Control+KeyD', 'Control+ArrowRight']) await page.keyboard.press(key);
  assert.deepEqual(await app.nodes(), ['users', 'web']);
  assert.deepEqual(await page.evaluate(() => [localStorage.length, sessionStorage.length]), [0, 0], 'nothing is kept');
  const [copy] = await Promise.all([page.context().waitForEvent('page'), page.getByTestId('opener').click()]);
  const editor = await new Loadstone(copy).ready();
  assert.ok(!copy.url().includes('?'), `the copy is opened to be edited: ${copy.url()}`);
  await editor.select('web');
  await copy.keyboard.press('Delete');
  await until('the server to be gone there', async () => (await editor.nodes()).length === 1);
  assertQuiet(page);
  await page.context().close();
});

test('the share dialog writes the code for another page, and it works there', { timeout: 60_000 }, async () => {
  const editor = await site.open(`#${fragment(DOCUMENT)}`);
  await new Loadstone(editor).ready();
  await editor.getByTestId('share').click();
  await editor.getByText('To look at only, or inside another page').click();
  const snippet = await editor.getByTestId('share-frame').inputValue();
  assert.match(await editor.getByTestId('share-view').inputValue(), /\?view#/);
  assert.ok(!/web"|<1>/.test(snippet), `a name stays a text: ${snippet}`);
  const { page, inside } = await embedded(snippet);
  await until('both cards inside', async () => (await inside.locator('[data-node]').count()) === 2);
  assertQuiet(editor);
  await editor.context().close();
  await page.context().close();
});
