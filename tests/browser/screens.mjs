// Every screen of the page, and the way there from a page that has just been opened and paused. One list for all the
// tests that look at every screen.

import { SIZES, until } from './harness.mjs';

/** Four seconds after the primary of the example crashed. */
const LATER_S = 24;
const LONG = { timeout: 60_000 };

/**
 * A screen: how to get there from the page at `at`. On a phone it is behind the button `sheet`; `sizes` are those at which
 * it exists. `anew`: it keeps the theme and the size it was opened with. `varies`: it tells of the last moments as the page saw
 * them, so that no two pictures of it need be alike.
 */
const screen = (visit, { at = '', sheet, sizes = SIZES, anew = false, varies = false } = {}) => ({ visit, at, sheet, sizes, anew, varies });
const DETAILS = { sheet: 'Details' };
const ON_A_PHONE = [SIZES[2]];

/** The inspector of a card, at this tab. */
const card = (id, tab, more) => screen(async (app) => {
  await app.seek(LATER_S);
  await app.select(id);
  await app.tab(tab);
}, { ...DETAILS, ...more });

async function openCharts({ page }) {
  await page.getByTestId('open-charts').click();
  await page.getByTestId('plot-latency').waitFor();
}

export const screens = {
  'an empty canvas': screen(async (app) => {
    await app.does('New document');
    await until('an empty canvas', async () => (await app.nodes()).length === 0);
  }),
  'a run': screen((app) => app.seek(LATER_S)),
  'a run, on a phone its details': screen((app) => app.seek(LATER_S), { ...DETAILS, sizes: ON_A_PHONE }),
  'a run, on a phone its charts': screen((app) => app.seek(LATER_S), { sheet: 'Charts', sizes: ON_A_PHONE }),
  'a run, on a phone its log': screen((app) => app.seek(LATER_S), { sheet: 'Log', sizes: ON_A_PHONE }),
  'a run, on a phone what can be added': screen((app) => app.seek(LATER_S), { sheet: 'Add', sizes: ON_A_PHONE }),
  'users': card('users', 'Settings'),
  'a balancer': card('lb', 'Settings'),
  'a server': card('web1', 'Settings'),
  'a server at work': card('web1', 'Live'),
  'a crashed database': card('db1', 'Live'),
  'a database': card('db2', 'Settings'),
  'a link': screen(async (app) => {
    await app.link('db1', 'db2').focus();
    await app.tab('Settings');
  }, DETAILS),
  'a cache': card('cache', 'Settings', { at: '#gallery/cache-and-cdn' }),
  'a CDN': card('cdn', 'Settings', { at: '#gallery/cache-and-cdn' }),
  'a queue': card('queue', 'Live', { at: '#gallery/queue-and-workers' }),
  'why it is so': screen(async (app) => {
    await app.seek(LATER_S);
    await app.tab('Why');
    await app.page.getByTestId('reasons').locator('summary').first().click();
  }, { ...DETAILS, varies: true }),
  'what if each one failed': screen(async (app) => {
    await app.tab('Why');
    await app.page.getByTestId('drill').click();
    await until('a verdict on each', async () =>
      (await app.page.locator('[data-testid="verdicts"] tr.verdict').count()) > 1 && app.page.getByTestId('drill').isVisible(), LONG);
  }, { ...DETAILS, at: '#gallery/single-server' }),
  'the outline': screen((app) => app.does('Outline table')),
  'all commands': screen((app) => app.page.keyboard.press('Control+k')),
  'finding a node': screen((app) => app.page.keyboard.press('Control+f')),
  'the menu of a card': screen((app) => app.card('web1').locator('.name').click({ button: 'right' }), { anew: true }),
  'the menu of documents': screen((app) => app.page.getByTestId('document-menu').click(), { anew: true }),
  'breaking something': screen((app) => app.page.getByTestId('break').click()),
  'sharing': screen(async ({ page }) => {
    await page.getByTestId('share').click();
    await page.getByText('To look at only, or inside another page').click();
  }),
  'a link that cannot be read': screen(({ page }) => page.getByTestId('notice').waitFor(), { at: '#AAAA' }),
  'the large charts': screen(async (app) => {
    await app.seek(LATER_S);
    await openCharts(app);
    await app.page.locator('.promises summary').click();
    await app.page.getByTestId('slo-p99_ms').fill('250');
    await app.page.getByTestId('slo-p99_ms').press('Tab');
  }),
  'a sweep': screen(async (app) => {
    const { page } = app;
    await openCharts(app);
    await page.getByRole('tab', { name: 'Sweep' }).click();
    await page.getByTestId('sweep-points').fill('2');
    await page.getByTestId('sweep-seeds').fill('1');
    await page.getByTestId('sweep-start').click();
    await until('the sweep to be done', async () => (await page.getByTestId('sweep-dot').count()) === 2, LONG);
  }),
  'a request followed': screen(async (app) => {
    await app.seek(LATER_S);
    await app.does('p99 request');
    await app.page.getByTestId('waterfall').waitFor(LONG);
    await app.page.locator('.tracer summary').click();
  }),
  'A against B': screen(async (app) => {
    const { page } = app;
    await app.seek(20);
    await app.seek(10);
    await app.card('web1').focus();
    await page.keyboard.press('x');
    await app.does('A against B');
    await until('all pairs of runs', async () => /: 20 pairs\./.test(await page.getByTestId('versus-basis').textContent()), LONG);
  }, { at: '#gallery/single-server' }),
  'the course': screen((app) => app.does('Course')),
  'a lesson, its bet answered': screen(async (app) => {
    await app.does('Course');
    await app.page.getByTestId('chapter-one-server').click();
    await app.page.getByTestId('bet').getByRole('button').first().click();
    await app.page.getByTestId('verdict-of-bet').waitFor();
  }),
  'the challenges': screen((app) => app.does('Challenges')),
  'a challenge': screen(async (app) => {
    const { page } = app;
    await app.does('Challenges');
    await page.getByTestId('chapter-flash-cache').click();
    await until('the drills to go wrong', async () => /drills go wrong/.test(await page.getByTestId('goal-state').textContent()), LONG);
  }),
  'the gallery': screen((app) => app.does('Gallery'), { anew: true }),
  'the glossary': screen((app) => app.does('Glossary')),
  'the chooser of databases': screen(async (app) => {
    await app.does('Which database');
    await until('a verdict', async () => /answers? 99 of 100/.test(await app.page.getByTestId('chooser-verdict').textContent()), LONG);
  }),
  'writing a lesson': screen(async (app) => {
    await app.does('Write a lesson');
    await app.page.locator('.author details').evaluateAll((all) => all.forEach((part) => { part.open = true; }));
  }),
  'help': screen((app) => app.page.getByTestId('help').click()),
  'only to look at': screen((app) => app.seek(LATER_S), { at: '?view' }),
  'inside another page': screen((app) => app.seek(LATER_S), { at: '?embed' }),
};
