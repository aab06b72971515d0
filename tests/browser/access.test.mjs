// The page holds to WCAG 2.2 AA as far as a program can tell, on every screen, in both themes.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { SIZES, stage, until } from './harness.mjs';
import { Loadstone } from './page.mjs';
import { violations } from './rules.mjs';

const site = stage();

const screens = {
  'the canvas with a run': async () => {},
  'a selected server': (app) => app.card('web1').click(),
  'why it is so': async (app) => {
    // Some seconds have to be measured before there is anything to say.
    await app.page.getByTestId('play').click();
    await until('some seconds of the run', async () => (await app.now()) > 4);
    await app.pause();
    await app.page.getByRole('tab', { name: 'Why' }).click();
    await app.page.getByTestId('reasons').locator('summary').first().click();
  },
  'the outline': (app) => app.page.keyboard.press('Control+k'),
  'sharing': (app) => app.page.getByTestId('share').click(),
  'the large charts': async (app) => {
    await app.page.getByTestId('open-charts').click();
    await app.page.getByTestId('plot-latency').waitFor();
    await app.page.locator('.promises summary').click();
    await app.page.getByTestId('slo-p99_ms').fill('250');
    await app.page.getByTestId('slo-p99_ms').press('Tab');
  },
  'a sweep': async (app) => {
    await app.page.getByTestId('open-charts').click();
    await app.page.getByRole('tab', { name: 'Sweep' }).click();
    await app.page.getByTestId('sweep-points').fill('2');
    await app.page.getByTestId('sweep-seeds').fill('1');
    await app.page.getByTestId('sweep-start').click();
    await until('the sweep to be done', async () => (await app.page.getByTestId('sweep-dot').count()) === 2, { timeout: 60_000 });
  },
  'a request followed': async (app) => {
    await app.play();
    await until('some seconds of the run', async () => (await app.now()) > 3);
    await app.pause();
    await app.page.keyboard.press('Control+k');
    await app.page.keyboard.type('p99 request');
    await app.page.keyboard.press('Enter');
    await app.page.getByTestId('waterfall').waitFor({ timeout: 60_000 });
    await app.page.locator('.tracer summary').click();
  },
  'the course': (app) => app.page.getByTestId('course').click(),
  'a lesson, its bet answered': async (app) => {
    await app.page.getByTestId('course').click();
    await app.page.getByTestId('chapter-one-server').click();
    await app.page.getByTestId('bet').getByRole('button').first().click();
    await app.page.getByTestId('verdict-of-bet').waitFor();
  },
  'the challenges': (app) => app.does('Challenges'),
  'the gallery': (app) => app.page.getByTestId('examples').click(),
  'the glossary': (app) => app.does('Glossary'),
  'the chooser of databases': async (app) => {
    await app.does('Which database');
    await until('a verdict', async () => /answers? 99 of 100/.test(await app.page.getByTestId('chooser-verdict').textContent()), { timeout: 60_000 });
  },
  'writing a lesson': async (app) => {
    await app.does('Write a lesson');
    await app.page.locator('.author details').evaluateAll((all) => all.forEach((part) => { part.open = true; }));
  },
  'help': (app) => app.page.getByTestId('help').click(),
};

for (const theme of ['light', 'dark']) {
  for (const [name, visit] of Object.entries(screens)) {
    test(`${name}, ${theme}`, async () => {
      const page = await site.open('', { theme });
      const app = await new Loadstone(page).ready();
      await app.pause();
      await visit(app);
      assert.deepEqual(await violations(page), [], 'what axe-core finds');
      await page.context().close();
    });
  }
  test(`on a phone, ${theme}`, async () => {
    const page = await site.open('', { theme, size: SIZES[2], hasTouch: true });
    await until('the run to be on the screen', () => page.getByTestId('play').isVisible());
    assert.deepEqual(await violations(page), [], 'what axe-core finds');
    await page.context().close();
  });
}
