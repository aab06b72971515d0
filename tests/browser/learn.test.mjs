// What stands beside the course: the gallery, the glossary, the chooser of databases, challenges that are judged by drills, and
// writing a lesson.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { assertQuiet, stage, until } from './harness.mjs';
import { Loadstone } from './page.mjs';
import { run } from './native.mjs';

const site = stage();
const LONG = { timeout: 90_000 };

async function opened(fragment = '') {
  const app = await new Loadstone(await site.open(fragment)).ready();
  await app.pause();
  return app;
}

test('the gallery: found by words and tags, drawn by the product, each opens and runs', { timeout: 240_000 }, async () => {
  const app = await opened();
  const { page } = app;
  await page.getByTestId('examples').click();
  const shown = () => page.locator('.gallery li:visible').count();
  const all = await shown();
  assert.ok(all >= 24, `${all} scenarios`);
  assert.equal(await page.locator('.gallery .thumb svg').count(), all, 'each has its picture');
  await page.getByRole('dialog').getByRole('searchbox').fill('dns ttl');
  await until('fewer by words', async () => (await shown()) > 0 && (await shown()) < all / 2);
  await page.getByRole('dialog').getByRole('searchbox').fill('no such words');
  await until('words that fit nothing to be told', async () => /Nothing fits/.test(await page.getByTestId('gallery-count').textContent()));
  await page.getByRole('dialog').getByRole('searchbox').fill('');
  await page.getByRole('button', { name: 'real system' }).click();
  await until('the real systems', async () => (await shown()) >= 6 && (await shown()) < all);
  const slugs = await page.locator('.gallery button').evaluateAll((list) => list.map((b) => b.dataset.testid.slice('example-'.length)));
  await page.keyboard.press('Escape');
  for (const slug of slugs) {
    await page.evaluate((hash) => { location.hash = hash; }, `gallery/${slug}`);
    await until(`${slug} to run`, async () => (await app.now()) > 0.5 && (await app.now()) < 60, LONG);
  }
  assertQuiet(page);
  await page.context().close();
});

test('the glossary: by its link, by words, and from a setting by F1 and by its small button', { timeout: 90_000 }, async () => {
  const app = await new Loadstone(await site.open('#term/ttl')).ready();
  const { page } = app;
  const first = () => page.locator('.glossary dt').first().textContent();
  await until('the term of the link', async () => /TTL/.test(await first()));
  await page.getByRole('dialog').getByRole('searchbox').fill('quorum');
  await until('another term', async () => /Quorum/.test(await first()));
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  await app.pause();
  await app.select((await app.nodes()).find((id) => id.startsWith('db')));
  await page.getByRole('tab', { name: 'Settings' }).click();
  await page.locator('[data-param="read_ms"] input').first().focus();
  await page.keyboard.press('F1');
  await page.locator('.glossary').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  const setting = page.locator('[data-param="cores"]');
  await setting.hover();
  await setting.getByRole('button', { name: /What is this/ }).click();
  await until('the term of the setting', async () => /scaling/i.test(await first()));
  assertQuiet(page);
  await page.context().close();
});

test('which database: the verdict follows the workload, costs can be replaced, and a design opens', { timeout: 180_000 }, async () => {
  const app = await opened();
  const { page } = app;
  await app.does('Which database');
  const verdict = () => page.getByTestId('chooser-verdict').textContent();
  await until('a first verdict', async () => /\./.test(await verdict()), LONG);
  const only = async (ask) => {
    for (let i = 0; i < 6; i++) await page.getByTestId(`share-${i}`).fill(i === ask ? '10' : '0');
  };
  await only(2);
  await until('scans to be for wide columns', async () => /^Wide-column/.test(await verdict()), LONG);
  await only(1);
  await until('joins not to be for key-value', async () => /^Graph.*Key-value \(/.test(await verdict()), LONG);
  await page.getByText('What a query costs in each family').click();
  await page.getByRole('spinbutton', { name: 'Join, Graph' }).fill('40');
  await page.keyboard.press('Tab');
  await until('the verdict to follow the cost', async () => /^Relational/.test(await verdict()), LONG);
  await page.getByRole('button', { name: 'Open on the canvas: Graph' }).click();
  await until('the design on the canvas', async () => (await app.nodes()).join() === 'users,web,db');
  assertQuiet(page);
  await page.context().close();
});

test('a challenge: drills come after the undisturbed runs, and a run that failed can be watched', { timeout: 240_000 }, async () => {
  const app = await opened('#chapter/flash-cache');
  const { page } = app;
  const state = page.getByTestId('goal-state');
  await until('the drills to go wrong', async () => /drills go wrong/.test(await state.textContent()), LONG);
  const rows = page.getByTestId('judged').getByRole('listitem');
  assert.ok((await rows.count()) > 3, 'every run is listed');
  const wrong = page.locator('[data-testid="judged"] li.missed').first();
  assert.match(await wrong.locator('b').textContent(), /^✗ .+, seed \d+$/);
  await wrong.getByRole('button', { name: /^Watch/ }).click();
  await until('its worst moment', async () => (await app.now()) > 1);
  assert.equal(await page.getByTestId('lesson').count(), 0, 'what is watched is no lesson');
  assertQuiet(page);
  await page.context().close();
});

test('a lesson is written by doing, tried by the engine, and travels in the link', { timeout: 180_000 }, async () => {
  const app = await opened('#gallery/single-server');
  const { page } = app;
  await page.keyboard.press('Home');
  await app.does('Write a lesson');
  const author = page.getByTestId('author');
  const field = (label) => author.getByLabel(label, { exact: true });
  await field('Title').fill('Crash it');
  await field('What to read and do').fill('Crash the server.');
  await field('In words').fill('It crashed');
  await field('Reached when').fill('log.crash > 0');
  await page.keyboard.press('Tab');
  await page.getByTestId('record-solution').click();
  const server = (await app.nodes()).find((id) => id !== 'users' && id !== 'dns');
  await app.card(server).focus();
  await page.keyboard.press('x');
  await page.getByTestId('record-solution').click();
  await until('the entry in the list', async () => /crash/i.test(await author.textContent()));
  await page.getByTestId('try-lesson').click();
  await until('the engine to agree', async () => /✓ the goal is reached by its solution/.test(await page.getByTestId('tried').textContent()), LONG);
  await page.getByTestId('preview').click();
  await until('the lesson as a learner sees it', async () => /^Not yet/.test(await page.getByTestId('goal-state').textContent()), LONG);
  await page.getByTestId('share').click();
  const link = await page.getByTestId('share-link').inputValue();
  const { document, report } = run(link);
  assert.equal(document.lesson.steps[0].solution[0].do, 'crash', 'the link carries what was recorded');
  assert.ok(report.requests.issued > 0, 'and still runs');
  assertQuiet(page);
  await page.context().close();
});
