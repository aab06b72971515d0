// The large charts: by key, with one time axis for all, promises and their budgets, as a table, and the sweep.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { assertQuiet, shot, stage, until } from './harness.mjs';
import { Loadstone } from './page.mjs';
import { fragment, report, series } from './native.mjs';

const site = stage();

/** One core of 5 ms behind 20 ms of network: it carries 200 requests a second at most. */
const ONE_CORE = {
  loadstone: 1, name: 'One core', seed: 3, run_s: 20, slo: { p99_ms: 150 },
  nodes: [
    { id: 'users', kind: 'users', at: [0, 0], params: { rate_rps: 100 } },
    { id: 'web', kind: 'server', at: [300, 0], params: { cores: 1, service_ms: { exponential: 5 } } },
  ],
  links: [{ from: 'users', to: 'web', params: { latency_ms: 1 } }],
};

/** A page with this document, as a link that somebody sent. */
async function opened(document, options) {
  const page = await site.open(`#${fragment(document)}`, options);
  await new Loadstone(page).ready();
  return page;
}

async function openCharts(page) {
  await page.getByTestId('canvas').focus();
  await page.keyboard.press('g');
  await page.getByTestId('plot-latency').waitFor();
}

/** The moments at both ends of every chart. */
function ends(page) {
  return page.locator('.graph:not(.histogram) .ends').evaluateAll((all) => all.map((e) => [...e.children].map((s) => s.textContent).join(' – ')));
}

test('they open by key, and zoom, cursor and hidden lines are shared', async () => {
  const page = await site.open();
  const app = await new Loadstone(page).ready();
  await app.toTheEnd();
  await openCharts(page);
  await until('the ruler to have the keyboard', () => page.evaluate(() => document.activeElement?.id === 'graphs-ruler'));
  const titles = await page.locator('.graph figcaption b').allTextContents();
  for (const title of ['Latency of the whole run', 'Latency', 'Requests by outcome', 'Utilization', 'Replication lag']) {
    assert.ok(titles.includes(title), `no chart “${title}” among ${titles}`);
  }
  assert.deepEqual(new Set(await ends(page)), new Set(['00:00.0 – 02:00.0']), 'the whole run at first');
  assert.ok((await page.locator('[data-testid=plot-latency] .mark').count()) > 0, 'faults are marked in a chart');
  assert.ok((await page.locator('.histogram rect').count()) > 5, 'the histogram has bars');

  const area = await page.locator('[data-testid=plot-latency] .area').boundingBox();
  const y = area.y + area.height / 2;
  await app.drag({ x: area.x + area.width * 0.25, y }, { x: area.x + area.width * 0.5, y });
  const zoomed = await until('a shorter span', async () => {
    const all = new Set(await ends(page));
    return all.size === 1 && !all.has('00:00.0 – 02:00.0') && [...all][0];
  });
  const [from, to] = zoomed.split(' – ').map((t) => Number(t.slice(3)) + 60 * Number(t.slice(0, 2)));
  assert.ok(Math.abs(from - 30) < 1.5 && Math.abs(to - 60) < 1.5, `a quarter to a half of 120 s, not ${zoomed}`);

  await page.mouse.move(area.x + area.width * 0.4, y);
  await page.mouse.move(area.x + area.width * 0.5, y);
  const lefts = await page.locator('.graph .area .cursor').evaluateAll((all) => all.map((c) => c.style.left));
  assert.ok(lefts.length >= 5 && new Set(lefts).size === 1, `one cursor in every chart: ${lefts}`);
  assert.match(await page.getByTestId('reading').textContent(), /^00:4\d\.\d · .*answered, p50 .*p99/);

  await page.getByTestId('graphs-ruler').focus();
  await page.keyboard.press('-');
  await page.keyboard.press('-');
  await until('the whole run again', async () => new Set(await ends(page)).has('00:00.0 – 02:00.0'));
  await page.keyboard.press('+');
  await until('half of it', async () => !new Set(await ends(page)).has('00:00.0 – 02:00.0'));
  await page.keyboard.press('0');

  const line = page.locator('[data-testid=plot-latency] .graph-lines button').filter({ hasText: 'p99' });
  await line.click();
  assert.equal(await line.getAttribute('aria-pressed'), 'false');
  assert.equal(await page.locator('[data-testid=plot-latency] .area path[data-style="2"]').getAttribute('d'), '', 'the line is gone');

  await page.getByTestId('graphs-ruler').focus();
  await page.keyboard.press('Home');
  for (let i = 0; i < 10; i++) await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await until('the run at the cursor', async () => Math.abs((await app.now()) - 20) < 0.5);
  await shot(page, 'charts');
  await page.keyboard.press('Escape');
  await until('the charts to close', async () => (await page.getByTestId('graphs').count()) === 0);
  assertQuiet(page);
  await page.context().close();
});

test('a promise is drawn, its budget is said, and undo takes it back', async () => {
  const page = await site.open();
  const app = await new Loadstone(page).ready();
  await app.toTheEnd();
  await openCharts(page);
  await page.locator('.promises summary').click();
  await page.getByTestId('slo-error_share').fill('50');
  await page.getByTestId('slo-error_share').press('Tab');
  await page.getByTestId('slo-p99_ms').fill('1');
  await page.getByTestId('slo-p99_ms').press('Tab');
  const said = await until('both promises', async () => {
    const all = await page.locator('.promises p').allTextContents();
    return all.length === 2 && all;
  });
  assert.match(said[0], /^p99 at most 1 ms: the budget of slower answers is spent \d+.* times over$/);
  assert.match(said[1], /^Errors at most 50 %: \d+(\.\d)? % of the error budget is left$/);
  assert.equal(await page.locator('[data-testid=plot-latency] .limit').count(), 1, 'a line in the latency chart');
  await page.getByTestId('undo').click();
  await until('one promise less', async () => (await page.locator('.promises p').count()) === 1);
  assertQuiet(page);
  await page.context().close();
});

test('the table has a row for each interval, the same as the command line prints', async () => {
  const page = await opened(ONE_CORE);
  const app = new Loadstone(page);
  await app.toTheEnd();
  await openCharts(page);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('export-csv').click()]);
  assert.equal(download.suggestedFilename(), 'one-core.csv');
  const rows = (await readFile(await download.path(), 'utf8')).trimEnd().split('\r\n').map((row) => row.split(','));
  assert.deepEqual(rows[0].slice(0, 9), ['from_s', 'to_s', 'rate_rps', 'ok_rps', 'error_share', 'p50_ms', 'p95_ms', 'p99_ms', 'refused']);
  assert.ok(rows[0].includes('web.utilization'), `no utilization of the server in ${rows[0]}`);
  assert.equal(rows.length, 81, 'a head and 20 s in quarters of a second');
  const native = series(ONE_CORE, '250ms').trimEnd().split('\r\n').map((row) => row.split(','));
  assert.deepEqual(rows, native, 'page and command line tell the same');
  assertQuiet(page);
  await page.context().close();
});

test('a sweep finds the knee beside the run, and a point opens its run', async () => {
  const page = await opened(ONE_CORE);
  await page.getByTestId('canvas').focus();
  await page.keyboard.press('g');
  await page.getByRole('tab', { name: 'Sweep' }).click();
  await page.getByTestId('sweep-param').selectOption('users.rate_rps');
  await page.getByTestId('sweep-from').fill('60');
  await page.getByTestId('sweep-from').press('Tab');
  await page.getByTestId('sweep-to').fill('240');
  await page.getByTestId('sweep-to').press('Tab');
  await page.getByTestId('sweep-points').fill('7');
  await page.getByTestId('sweep-seeds').fill('3');
  await page.getByTestId('sweep-start').click();
  const said = await until('the knee', async () => {
    const words = await page.getByTestId('sweep-said').textContent();
    return /objectives hold up to/.test(words) && words;
  }, { timeout: 60_000 });
  const most = Number(said.match(/up to ([\d.]+)/)[1]);
  // M/M/1: p99 of 150 ms needs ln(100) / (200 − λ) s = 0.146 s, so λ is about 168.
  assert.ok(most > 145 && most < 190, `the knee of one core of 5 ms lies near 168, not ${most}: ${said}`);
  assert.equal(await page.getByTestId('sweep-dot').count(), 7);
  assert.equal(await page.getByTestId('sweep-table').locator('tbody tr').count(), 7);
  await shot(page, 'sweep');
  await page.getByTestId('sweep-open').nth(1).click();
  await page.keyboard.press('Escape');
  await page.getByTestId('graphs').waitFor({ state: 'detached' });
  await new Loadstone(page).select('users');
  await page.getByRole('tab', { name: 'Settings' }).click();
  await until('the rate of the second point', async () => (await page.locator('#f-rate_rps').inputValue()) === '90');
  await page.getByTestId('undo').click();
  await until('the rate as it was', async () => (await page.locator('#f-rate_rps').inputValue()) === '100');
  assertQuiet(page);
  await page.context().close();
});

test('a sweep can be stopped', async () => {
  const page = await opened({ ...ONE_CORE, run_s: 2000 });
  await page.getByTestId('canvas').focus();
  await page.keyboard.press('g');
  await page.getByRole('tab', { name: 'Sweep' }).click();
  await page.getByTestId('sweep-seeds').fill('100');
  await page.getByTestId('sweep-start').click();
  await until('the first run', async () => /^[1-9]\d* of 800/.test(await page.getByTestId('sweep-said').textContent()), { timeout: 60_000 });
  await page.getByTestId('sweep-cancel').click();
  await until('that it was stopped', async () => /then it was stopped/.test(await page.getByTestId('sweep-said').textContent()));
  const before = await page.getByTestId('sweep-said').textContent();
  await page.waitForTimeout(1000);
  assert.equal(await page.getByTestId('sweep-said').textContent(), before, 'nothing comes after the stop');
  assertQuiet(page);
  await page.context().close();
});

test('the range of a sweep is dragged, by hand and by key, and the warm-up is not measured', async () => {
  const page = await opened(ONE_CORE);
  const app = new Loadstone(page);
  await page.getByTestId('canvas').focus();
  await page.keyboard.press('g');
  await page.getByRole('tab', { name: 'Sweep' }).click();
  await page.getByTestId('sweep-param').selectOption('users.rate_rps');
  const range = async () => [await page.getByTestId('sweep-from').inputValue(), await page.getByTestId('sweep-to').inputValue()].map(Number);
  assert.deepEqual(await range(), [50, 200], 'from half to twice what it is');

  // The rail goes from a tenth to ten times the 100 of now: one end to where it ends, then what lies between back to its start.
  const rail = await page.locator('.sweep-range .rail').boundingBox();
  const end = { x: rail.x + rail.width + 40, y: rail.y + 16 };
  await app.drag(await app.middle(page.getByTestId('sweep-to-thumb')), end);
  await until('the upper end of the rail', async () => (await range())[1] === 1000);
  assert.equal((await range())[0], 50, 'the other end stays');
  await app.drag(await app.middle(page.getByTestId('sweep-range')), { x: rail.x - 400, y: rail.y + 16 });
  await until('both to have moved', async () => (await range())[0] === 10);
  const [, to] = await range();
  assert.ok(Math.abs(to - 200) < 3, `both keep their factor of 20: ${to}`);

  const thumb = page.getByTestId('sweep-from-thumb');
  await thumb.focus();
  await page.keyboard.press('PageUp');
  const [from] = await until('a key to move it', async () => ((r) => r[0] > 10 && r)(await range()));
  assert.equal(Number(await thumb.getAttribute('aria-valuenow')), from, 'and what is told of it');
  assert.match(await thumb.getAttribute('aria-valuetext'), /req\/s$/);

  await page.getByTestId('sweep-from').fill('100');
  await page.getByTestId('sweep-from').press('Tab');
  await page.getByTestId('sweep-points').fill('2');
  await page.getByTestId('sweep-seeds').fill('1');
  await page.getByTestId('sweep-warmup').fill('5');
  await shot(page, 'sweep-range');
  await page.getByTestId('sweep-start').click();
  await until('both points', async () => (await page.getByTestId('sweep-dot').count()) === 2, { timeout: 60_000 });
  const cells = await page.getByTestId('sweep-table').locator('tbody tr').first().locator('td').allTextContents();
  const native = report(ONE_CORE, '--warmup', '5s');
  const near = (shown, wanted) => Math.abs(Number(shown.match(/[\d.]+/)[0]) / wanted - 1) < 0.006;
  assert.ok(near(cells[0], native.requests.ok / 15), `${cells[0]} answered a second, not ${native.requests.ok / 15}`);
  assert.ok(near(cells[1], native.latency_ms.p99), `p99 of ${cells[1]}, not ${native.latency_ms.p99}`);
  assertQuiet(page);
  await page.context().close();
});

test('what it costs is estimated, and its prices are changed and taken back', async () => {
  const page = await opened(ONE_CORE);
  const app = new Loadstone(page);
  await app.toTheEnd();
  const { cost } = report(ONE_CORE);
  const month = page.getByTestId('cost-month');
  const near = async (wanted) => {
    const words = await month.textContent();
    return Math.abs(Number(words.match(/^([\d.,]+) USD$/)[1].replace(',', '')) / wanted - 1) < 0.006;
  };
  await until(`about ${cost.month_usd} USD a month`, () => near(cost.month_usd));
  assert.match(await page.getByTestId('cost-million').textContent(), /^[\d.]+ USD$/);

  await page.getByTestId('prices').locator('summary').click();
  assert.match(await page.getByTestId('prices').textContent(), /An estimate: .* list prices of AWS/);
  const core = page.getByTestId('price-core_hour_usd');
  assert.equal(await core.getAttribute('placeholder'), '0.04048', 'the list price');
  await core.fill('1');
  await core.press('Tab');
  const dearer = cost.month_usd + 730 * (1 - 0.04048);
  await until(`about ${dearer} USD a month`, () => near(dearer));
  await shot(page, 'cost');
  await page.getByTestId('undo').click();
  await until('the list price again', async () => (await core.inputValue()) === '' && (await near(cost.month_usd)));
  await core.fill('-1');
  await core.press('Tab');
  await until('that it is no price', async () => /Core and hour is -1, but must be a number from 0/.test(await app.notice().textContent()));

  await app.select('web');
  await page.getByRole('tab', { name: 'Settings' }).click();
  assert.match(await page.getByTestId('node-cost').textContent(), /^Costs about 42.5 USD a month, estimated: 1 core, 4 GB\.$/);
  await openCharts(page);
  const line = page.locator('[data-testid=plot-cost] .graph-lines button').filter({ hasText: 'Web' });
  assert.match(await line.textContent(), /42\.5 USD/);
  assertQuiet(page);
  await page.context().close();
});
