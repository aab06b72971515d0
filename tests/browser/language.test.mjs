// The page in another language: German, which proves that any can be added. No text that has a translation is left in English,
// what stays English says so, and a change of language keeps the work.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { SIZES, assertQuiet, shot, stage, until } from './harness.mjs';
import { violations } from './rules.mjs';
import { Loadstone } from './page.mjs';

const site = stage();
const texts = JSON.parse(await readFile(new URL('../../src/texts/de.json', import.meta.url), 'utf8'));

async function german(options = {}, address = '?lang=de') {
  const page = await site.open(address, options);
  return new Loadstone(page).ready();
}

/** What is shown or told in English although there is a German text for it. */
function left(app) {
  return app.page.evaluate((texts) => {
    const found = new Set();
    const look = (text, element) => {
      const words = text?.trim();
      if (texts[words] && texts[words] !== words && !element.closest('[lang="en"], .name, .docname, kbd, .thumb, [data-testid="versus-a"]')) found.add(words);
    };
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) look(walk.currentNode.data, walk.currentNode.parentElement);
    for (const element of document.body.querySelectorAll('[aria-label], [title], [placeholder]')) {
      for (const name of ['aria-label', 'title', 'placeholder']) look(element.getAttribute(name), element);
    }
    return [...found];
  }, texts);
}

const wide = (app) => app.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** Elements whose words do not fit into them, and are cut off. */
function cut(app) {
  return app.page.evaluate(() => {
    const found = [];
    for (const element of document.querySelectorAll('button, summary, h2, h3, label, th, dt, .said, .tabs *, .legend span, .card .detail, .card .address')) {
      const style = getComputedStyle(element);
      const hides = style.overflowX !== 'visible' || style.textOverflow === 'ellipsis';
      if (hides && element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1) found.push(element.textContent.trim());
    }
    return found;
  });
}

const areas = {
  'a selected server': (app) => app.card('web1').click(),
  'its live numbers': async (app) => {
    await app.card('web1').click();
    await app.page.getByRole('tab', { name: 'Live' }).click();
  },
  'a link': (app) => app.link('lb', 'web1').locator('path').first().click({ force: true }),
  'why it is so': (app) => app.page.getByRole('tab', { name: 'Warum' }).click(),
  'the outline': (app) => app.does('Tabelle aller Knoten'),
  'all commands': (app) => app.page.keyboard.press('Control+k'),
  'sharing': (app) => app.page.getByTestId('share').click(),
  'the menu of documents': (app) => app.page.getByTestId('document-menu').click(),
  'the menu of a card': (app) => app.card('web1').click({ button: 'right' }),
  'faults': (app) => app.page.getByTestId('break').click(),
  'help': (app) => app.page.getByTestId('help').click(),
  'the large charts': (app) => app.page.getByTestId('open-charts').click(),
  'a sweep': (app) => app.does('Messreihe'),
  'a request followed': async (app) => {
    await app.does('p99-Anfrage');
    await app.page.getByTestId('waterfall').waitFor({ timeout: 60_000 });
  },
  'a against b': (app) => app.does('Zweige'),
  'the course': (app) => app.page.getByTestId('course').click(),
  'a lesson': async (app) => {
    await app.page.getByTestId('course').click();
    await app.page.getByTestId('chapter-one-server').click();
    await app.page.getByTestId('lesson').waitFor();
  },
  'the challenges': (app) => app.does('Herausforderungen'),
  'the gallery': (app) => app.page.getByTestId('examples').click(),
  'the glossary': (app) => app.does('Glossar'),
  'the chooser of databases': (app) => app.does('Welche Datenbank'),
  'writing a lesson': (app) => app.does('Lektion schreiben'),
};

for (const [name, visit] of Object.entries(areas)) {
  test(`${name}, in German`, async () => {
    const app = await german();
    await until('some seconds of the run', async () => (await app.now()) > 2);
    await app.page.getByTestId('play').click();
    await visit(app);
    // What is asked for comes a moment later.
    await app.page.waitForTimeout(400);
    await app.page.evaluate(() => document.querySelectorAll('details:not(.pick)').forEach((part) => { part.open = true; }));
    await shot(app.page, `de-${name.replaceAll(' ', '-')}`);
    assert.deepEqual(await left(app), [], 'texts that are still English');
    assert.deepEqual(await cut(app), [], 'words that are cut off');
    assert.deepEqual(await violations(app.page), [], 'what axe-core finds');
    assertQuiet(app.page);
    await app.page.context().close();
  });
}

test('German fits every screen', async () => {
  for (const size of SIZES) {
    for (const theme of ['light', 'dark']) {
      const app = await german({ size, theme });
      await until('some seconds of the run', async () => (await app.now()) > 2);
      await shot(app.page, `de-${size.width}x${size.height}-${theme}`);
      assert.deepEqual(await left(app), [], `texts that are still English at ${size.width} px`);
      assert.deepEqual(await cut(app), [], `words that are cut off at ${size.width} px`);
      assert.equal(await wide(app), 0, `nothing hangs over the edge at ${size.width} px`);
      await app.page.context().close();
    }
  }
});

test('a first visit follows the languages of the browser', async () => {
  for (const [locale, lang] of [['de-AT', 'de'], ['en-GB', 'en'], ['fr-FR', 'en']]) {
    const app = await german({ locale }, '');
    assert.equal(await app.page.locator('html').getAttribute('lang'), lang, locale);
    assert.equal(await app.page.getByTestId('course').textContent(), lang === 'de' ? 'Kurs' : 'Course', locale);
    await app.page.context().close();
  }
});

test('only those who read German load its texts', async () => {
  const page = await site.open('');
  const loaded = [];
  page.on('request', (request) => loaded.push(request.url()));
  await page.reload();
  await new Loadstone(page).ready();
  assert.deepEqual(loaded.filter((url) => url.includes('.json')), []);
  await page.context().close();
});

test('a fault is announced in German; by keyboard alone the page speaks English, with the same document', async () => {
  const app = await german();
  const { page } = app;
  assert.equal(await page.locator('html').getAttribute('lang'), 'de');
  assert.equal(await page.getByTestId('play').getAttribute('title'), 'Abspielen oder anhalten (Leertaste)');
  await app.select('web1');
  await page.keyboard.press('x');
  await until('the crash to be said', async () => /Web 1: Absturz|Web 1 ist abgestürzt/.test(await page.getByTestId('said-aloud').textContent()));
  await until('the crash in the log', async () => /Web 1 ist abgestürzt/.test(await page.getByTestId('log').textContent()));
  await page.getByTestId('play').focus();
  await page.keyboard.press('Space');
  await page.getByTestId('canvas').focus();
  const link = await app.share();
  // Within the moment in which nothing is saved yet.
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('English');
  await page.locator('#choice-0').waitFor();
  await page.keyboard.press('Enter');
  await until('the page in English', async () => (await page.locator('html').getAttribute('lang')) === 'en');
  await app.ready();
  assert.equal(new URL(page.url()).search, '', 'the address no longer asks for German');
  assert.equal(await page.getByTestId('course').textContent(), 'Course');
  const entries = await page.locator('.track .event').evaluateAll((all) => all.map((entry) => entry.getAttribute('aria-label')));
  assert.ok(entries.some((words) => words.startsWith('Web 1 crash at')), `the crash is on the timeline: ${entries}`);
  assert.ok((await app.share()).length >= link.length - 8, 'the design is as large as before');
  await page.reload();
  await app.ready();
  assert.equal(await page.locator('html').getAttribute('lang'), 'en', 'the choice is remembered');
  assertQuiet(page);
  await page.context().close();
});
