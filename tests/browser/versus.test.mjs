// Going back before a crash, changing how the data is copied and going on: what the other future loses, and what that
// costs, on the same seed. Once with the mouse, once with the keyboard alone.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { assertQuiet, shot, stage, until } from './harness.mjs';
import { Loadstone } from './page.mjs';

const site = stage();

/** The run on the page, and the panel of branches and of A against B. */
class Versus extends Loadstone {
  panel() {
    return this.page.getByTestId('versus');
  }

  /** A, B and their difference in the row of this name, as a person reads them. */
  async row(name) {
    const row = this.panel().locator(`tr[data-row="${name}"]`);
    const [a, b, difference] = await row.locator('td').allTextContents();
    return { a, b, difference, certain: (await row.getAttribute('data-certain')) === 'true' };
  }

  mode() {
    return this.page.locator('[data-param="mode"] select');
  }

  /** Until the run has gone on past the failover, and stands. */
  async pastTheFailover() {
    await this.logged('promoted', undefined, { timeout: 60_000 });
    await this.pause();
    return this.now();
  }

  logged(what, of, options) {
    return until(`"${what}" in the log`, async () => (await this.log()).find((l) => l.what === what), options);
  }

  /** Both futures at one moment: what the first lost, and what the second pays. */
  async assertTellsThemApart(t) {
    await until('all pairs of runs', async () => /: 20 pairs\./.test(await this.panel().getByTestId('versus-basis').textContent()), { timeout: 90_000 });
    const lost = await until('B to be where A is', async () => {
      const row = await this.row('writes_lost');
      return /^\d+$/.test(row.b) && row;
    });
    assert.ok(Number(lost.a) > 0, `A loses writes at the failover: ${JSON.stringify(lost)}`);
    assert.equal(lost.b, '0', `B, which waits for a replica, loses none: ${JSON.stringify(lost)}`);
    const commit = await this.row('commit_ms');
    assert.ok(commit.certain && commit.difference.startsWith('+'), `B commits later, beyond chance: ${JSON.stringify(commit)}`);
    const [, mean, half] = commit.difference.match(/^\+([\d.,]+) ± ([\d.,]+) ms$/) ?? [];
    assert.ok(Number(mean) - Number(half) > 0, `the interval of ${commit.difference} excludes zero`);
    const verdict = await this.panel().getByTestId('verdict').textContent();
    assert.match(verdict, /B's number of lost writes is lower by/);
    assert.match(verdict, /B's commit time is higher by/);
    t.diagnostic(verdict);
    const overlaid = this.page.locator('.charts .line.rival');
    await until('the charts to show B over A', async () => (await overlaid.count()) === 3);
    for (const path of await overlaid.all()) assert.match(await path.getAttribute('d'), /L/, 'B is a line, not a point');
  }
}

test('with the mouse: back before the crash, another future, and both side by side', { timeout: 300_000 }, async (t) => {
  const page = await site.open();
  const app = await new Versus(page).ready();
  await until('the example to run by itself', () => app.running());
  await app.speed(10);
  await app.pastTheFailover();

  // The timeline's knob is dragged back to 10 s; the cards follow.
  const track = await page.locator('.track').boundingBox();
  const at = (seconds) => ({ x: track.x + (track.width * seconds) / 120, y: track.y + 20 });
  await app.drag(await app.middle(page.getByTestId('position')), at(10));
  await until('the run to be back at 10 s', async () => Math.abs((await app.now()) - 10) < 0.5);
  await until('the primary to be back', async () => /primary/i.test(await app.told('db1')));
  assert.equal((await app.log()).some((l) => l.what === 'crash'), false, 'the log is that of 10 s');

  // One link becomes synchronous; the future that was is kept.
  const wire = app.link('db1', 'db2').locator('.wire-hit');
  const place = await wire.evaluate((path) => {
    const { x, y } = path.getPointAtLength(path.getTotalLength() / 2).matrixTransform(path.getScreenCTM());
    return { x, y };
  });
  await page.mouse.click(place.x, place.y);
  await page.getByRole('tab', { name: 'Settings' }).click();
  await app.mode().selectOption('sync');
  const chip = page.getByTestId('branches');
  await until('a branch to be named', async () => /with mode "?sync/.test(await chip.textContent()));
  await app.play();
  const there = await app.pastTheFailover();

  // Over to the branch: the same moment of the other future. Then both side by side.
  await chip.click();
  await app.panel().getByTestId('switch-branch').click();
  await until('the other branch to be shown', async () => /before mode "?sync/.test(await app.panel().getByTestId('versus-a').textContent()));
  await until('the same moment', async () => (await app.now()) === there && !(await app.running()));
  await app.assertTellsThemApart(t);
  await shot(page, 'versus');
  assertQuiet(page);
  await page.context().close();
});

test('with the keyboard: back before the crash, another future, and both side by side', { timeout: 300_000 }, async (t) => {
  const page = await site.open();
  const app = await new Versus(page).ready();
  const { keyboard } = page;
  await until('the example to run by itself', () => app.running());
  await page.getByTestId('canvas').focus();
  for (let i = 0; i < 3; i += 1) await keyboard.press(']');
  await app.logged('promoted', undefined, { timeout: 60_000 });
  await keyboard.press('Space');
  await until('the run to stand', async () => !(await app.running()));

  // Event by event, second by second, and by the timeline's knob.
  const stood = await app.now();
  await keyboard.press('Shift+Comma');
  await until('a second back', async () => Math.abs(stood - 1 - (await app.now())) < 0.06);
  // To the nanosecond: a packet that sets out is a step and belongs to no node's trace yet.
  const place = () => page.getByTestId('trace-hash').evaluate((hash) => `${hash.textContent} at ${hash.dataset.at}`);
  const stepped = async (what, key) => {
    await until('the run to stand', async () => (await page.getByTestId('said').last().textContent()) === 'paused');
    const before = await place();
    await keyboard.press(key);
    return until(what, async () => ((now) => now !== before && now)(await place()));
  };
  const first = await stepped('an event on', '.');
  const second = await stepped('another event', '.');
  assert.notEqual(second, first);
  assert.equal(await stepped('an event back', ','), first, 'back by an event is where the event before was');
  await page.getByTestId('position').focus();
  while ((await app.now()) > 15) {
    const before = await app.now();
    await keyboard.press('PageDown');
    await until('ten seconds back', async () => (await app.now()) < before);
  }
  await until('the primary to be back', async () => /primary/i.test(await app.told('db1')));

  await app.link('db1', 'db2').focus();
  await page.getByRole('tab', { name: 'Settings' }).press('Enter');
  await app.mode().focus();
  await keyboard.type('sy');
  await until('the link to be synchronous', async () => (await app.mode().inputValue()) === 'sync');
  await page.getByTestId('canvas').focus();
  await keyboard.press('Space');
  await app.logged('promoted', undefined, { timeout: 60_000 });
  await keyboard.press('Space');
  await until('the run to stand', async () => !(await app.running()));

  await keyboard.press('Control+k');
  await keyboard.type('a against b');
  await keyboard.press('Enter');
  await app.panel().getByTestId('switch-branch').focus();
  await keyboard.press('Enter');
  await until('the other branch to be shown', async () => /^before/.test(await app.panel().getByTestId('versus-a').textContent()));
  await app.assertTellsThemApart(t);
  assertQuiet(page);
  await page.context().close();
});
