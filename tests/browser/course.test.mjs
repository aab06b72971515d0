// The course as a learner meets it: a bet that is answered by the run, a goal that is missed at first and reached by hand, hints,
// and the way from chapter to chapter.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { assertQuiet, SIZES, stage, until } from './harness.mjs';
import { Loadstone } from './page.mjs';
import { fragment } from './native.mjs';

const site = stage();

/** A chapter, opened from the bar at the top. */
async function chapter(name, options) {
  const page = await site.open('', options);
  const app = await new Loadstone(page).ready();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('Course');
  await page.keyboard.press('Enter');
  await page.getByTestId(`chapter-${name}`).click();
  await page.getByTestId('lesson').waitFor();
  await app.pause();
  return app;
}

const next = (app) => app.page.getByTestId('lesson-next');
const goal = (app) => app.page.getByTestId('goal-state').textContent();
const bet = async (app, answer) => {
  await app.page.getByTestId('bet').getByRole('button', { name: answer }).click();
  await app.page.getByTestId('verdict-of-bet').waitFor();
  return app.page.getByTestId('verdict-of-bet').textContent();
};

test('the first chapter by mouse and keys: a wrong bet is answered, the goal missed, then reached by breaking and mending', { timeout: 120_000 }, async () => {
  const app = await chapter('one-server');
  const { page } = app;
  assert.ok(await next(app).isDisabled(), 'a bet comes before the next step');
  assert.match(await bet(app, /Some requests fail/), /^The run says otherwise: From then on every request fails \(failed requests: \d+/);
  assert.match(await page.getByTestId('explain').textContent(), /single point of failure/);
  await next(app).click();

  await until('the goal to be missed at first', async () => /^Not yet\..*Server, “crash” in the log: 0 times/.test(await goal(app)));
  assert.ok(await next(app).isDisabled());
  // At 0 by the person's clock: crash, a few seconds, back again.
  await app.select('web1');
  await page.keyboard.press('x');
  await until('the goal to be missed while it is down', async () => /^Not yet\..*Server, “crash” in the log: once/.test(await goal(app)));
  await app.speed(5);
  await app.play();
  await until('some seconds', async () => (await app.now()) > 6);
  await app.card('web1').focus();
  await page.keyboard.press('x');
  await until('the goal to be reached', async () => /^Reached: /.test(await goal(app)));
  await next(app).click();
  await until('the next chapter', async () => /type a name/.test(await page.getByTestId('lesson').textContent()));
  // What was done is remembered.
  await page.getByTestId('course').click();
  assert.match(await page.getByTestId('chapter-one-server').textContent(), /done/);
  assertQuiet(page);
  await page.context().close();
});

test('the names chapter by keyboard: a link drawn by a key reaches the goal', { timeout: 120_000 }, async () => {
  const app = await chapter('names');
  const { page } = app;
  await until('the goal to be missed at first', async () => /^Not yet\..*a link from Browsers to DNS: no/.test(await goal(app)));
  await app.card('users').focus();
  await page.keyboard.press('l');
  await page.keyboard.type('DNS');
  await page.keyboard.press('Enter');
  await until('the goal to be reached', async () => /^Reached: a link from Browsers to DNS: yes/.test(await goal(app)));
  assertQuiet(page);
  await page.context().close();
});

test('hints come one by one, then the solution, which undo takes back; on a phone too', { timeout: 120_000 }, async () => {
  const app = await chapter('balancer', { size: SIZES[2] });
  const { page } = app;
  await until('the goal to be missed at first', async () => /^Not yet\./.test(await goal(app)));
  for (let i = 1; i <= 3; i++) {
    await page.getByTestId('hint').click();
    assert.equal(await page.getByTestId('goal').getByRole('listitem').count(), i);
  }
  await page.getByTestId('show-me').click();
  await until('the solution on the canvas', async () => (await app.nodes()).includes('lb') && (await app.links()).includes('lb>web2'));
  await until('the goal to be reached', async () => /^Reached: /.test(await goal(app)));
  assertQuiet(page);
  await page.context().close();
});

test('the run of a bet can be watched, and what was changed while it ran can hold from the start', { timeout: 120_000 }, async () => {
  const app = await chapter('disaster');
  const { page } = app;
  await page.getByTestId('bet').getByRole('button').first().click();
  await page.getByTestId('watch-bet').click();
  await until('the run of the bet, shortly before its worst', async () => (await app.now()) > 20 && (await app.running()));
  await page.getByTestId('watch-bet').click();
  await until('the design again', async () => (await app.now()) < 1 && !(await app.running()));
  await page.context().close();

  const late = await chapter('two-tiers');
  await bet(late, /web server/i);
  await next(late).click();
  await until('the goal to be missed at first', async () => /^Not yet\./.test(await goal(late)));
  await late.speed(5);
  await late.play();
  await until('some seconds', async () => (await late.now()) > 3);
  await late.pause();
  await late.select('web1');
  await late.page.getByRole('tab', { name: 'Settings' }).click();
  await late.page.locator('[data-param="cores"] input').fill('4');
  await late.page.keyboard.press('Tab');
  await until('the change to come too late', async () => /^Not yet\./.test(await goal(late)) && (await late.page.getByTestId('from-start').isVisible()));
  await late.page.getByTestId('from-start').click();
  await until('the goal to be reached', async () => /^Reached: /.test(await goal(late)));
  assertQuiet(late.page);
  await late.page.context().close();
});

test('every chapter and every challenge is in its list', { timeout: 60_000 }, async () => {
  const app = await chapter('one-server');
  const { page } = app;
  const listed = () => page.locator('[data-testid^="chapter-"]').evaluateAll((all) => all.map((b) => b.dataset.testid.slice('chapter-'.length)));
  const written = (folder) => readdirSync(new URL(`../../src/lesson/${folder}/`, import.meta.url)).map((f) => f.replace('.json', '')).sort();
  await page.getByTestId('course').click();
  assert.deepEqual((await listed()).sort(), written('course'));
  await page.getByRole('button', { name: 'Challenges' }).click();
  await page.getByRole('heading', { name: 'Challenges' }).waitFor();
  assert.deepEqual((await listed()).sort(), written('challenges'));
  assertQuiet(page);
  await page.context().close();
});

test('a lesson from a stranger is text and judged alike: no script, no goal by itself', { timeout: 60_000 }, async () => {
  const lesson = { title: '<img src=x onerror="document.title=1">', steps: [{ say: '<script>document.title = "pwned"</script>', goal: { text: 'G', when: 'requests.failed > 1000000' }, solution: [{ at_s: 1, do: 'crash', node: 'web' }] }] };
  const link = `#${fragment({ loadstone: 1, name: 'L', run_s: 5, lesson, nodes: [{ id: 'users', kind: 'users', at: [0, 0] }, { id: 'web', kind: 'server', at: [300, 0] }], links: [{ from: 'users', to: 'web' }] })}`;
  const page = await site.open(link);
  const app = await new Loadstone(page).ready();
  await until('the lesson', async () => /<script>/.test(await page.getByTestId('lesson').textContent()));
  await until('the goal to be missed', async () => /^Not yet\./.test(await goal(app)));
  assert.ok(!/pwned|^1$/.test(await page.title()));
  assertQuiet(page);
  await page.context().close();

  // Inside another page there is only canvas and transport.
  const inside = await site.open(`?embed${link}`);
  await inside.getByTestId('zoom').waitFor();
  assert.equal(await inside.getByTestId('lesson').count(), 0);
  assertQuiet(inside);
  await inside.context().close();
});
