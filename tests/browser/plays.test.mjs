// Every chapter of the course and every challenge, played from its first step to its last: nothing is reached by itself, a wrong
// bet is answered by the run, hints come before the solution, and the solution passes. By mouse and by keyboard in turns.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { assertQuiet, stage, until } from './harness.mjs';
import { Loadstone } from './page.mjs';

const site = stage();
const RUN = { timeout: 60_000 };

const lessons = (folder) => {
  const dir = new URL(`../../src/lesson/${folder}/`, import.meta.url);
  return readdirSync(dir).sort().map((file) => ({ name: file.replace('.json', ''), lesson: JSON.parse(readFileSync(new URL(file, dir))).lesson }));
};

/** Presses a button, with the mouse or with the keyboard. */
async function press(button, byKey) {
  if (!byKey) return button.click();
  await button.focus();
  return button.press('Enter');
}

/** Answers the bet of this step, wrongly at least once. */
async function bet(page, name, i, byKey) {
  const choices = page.getByTestId('bet').getByRole('button');
  await press(choices.first(), byKey);
  const verdict = page.getByTestId('verdict-of-bet');
  await verdict.waitFor(RUN);
  assert.equal(await page.locator('[data-testid="bet"] button.right').count(), 1, 'one answer is marked as right');
  if (/^The run says otherwise/.test(await verdict.textContent())) return;
  // The first answer was right: the same step again, by its link.
  await page.evaluate((hash) => { location.hash = hash; }, `chapter/${name}&step=${i + 1}`);
  await verdict.waitFor({ state: 'detached' });
  await press(choices.last(), byKey);
  await verdict.waitFor(RUN);
  assert.match(await verdict.textContent(), /^The run says otherwise/, 'a wrong answer is answered');
}

const all = [...lessons('course'), ...lessons('challenges')];
for (const [number, { name, lesson }] of all.entries()) {
  const byKey = number % 2 === 1;
  test(`${name}, played by ${byKey ? 'keyboard' : 'mouse'}`, { timeout: 240_000 }, async () => {
    const page = await site.open(`#chapter/${name}`);
    const app = await new Loadstone(page).ready();
    await page.getByTestId('lesson').waitFor();
    await app.pause();
    const next = page.getByTestId('lesson-next');
    for (const [i, step] of lesson.steps.entries()) {
      assert.match(await page.getByTestId('lesson-place').textContent(), new RegExp(`^${i + 1} of ${lesson.steps.length}$`));
      if (step.bet) await bet(page, name, i, byKey);
      if (step.goal) {
        const state = page.getByTestId('goal-state');
        await until('the goal to be missed at first', async () => /^Not yet\./.test(await state.textContent()), RUN);
        assert.ok(await next.isDisabled(), 'there is something to do');
        for (const _ of step.hints) await press(page.getByTestId('hint'), byKey);
        await press(page.getByTestId('show-me'), byKey);
        await until('the goal to be reached', async () => /^Reached/.test(await state.textContent()), { timeout: 120_000 });
      }
      if (step.goal || step.bet) assert.equal(await page.getByTestId('explain').textContent(), step.explain);
      if (i + 1 < lesson.steps.length) await press(next, byKey);
    }
    assertQuiet(page);
    await page.context().close();
  });
}
