// One request followed: asked for by key, by a bar of the histogram, by clicking its dot; the same as natively.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { assertQuiet, stage, until } from './harness.mjs';
import { Loadstone } from './page.mjs';
import { run, trace } from './native.mjs';

const site = stage();

/** What the sheet says of the request. */
async function shown(page) {
  await page.getByTestId('waterfall').waitFor({ timeout: 60_000 });
  return {
    which: await page.getByTestId('trace-which').textContent(),
    end: await page.getByTestId('trace-end').textContent(),
    steps: await page.getByTestId('waterfall').getByRole('button').evaluateAll((all) => all.map((b) => b.getAttribute('aria-label'))),
  };
}

test('a p99 request and a failed one, by the keyboard: the same as natively, and saved for Perfetto', { timeout: 180_000 }, async () => {
  const page = await site.open();
  const app = await new Loadstone(page).ready();
  await app.toTheEnd();
  const { document } = run(await app.share());
  for (const [words, option] of [['p99 request', '--p99'], ['failed request', '--failed']]) {
    await page.getByTestId('canvas').focus();
    await page.keyboard.press('Control+KeyK');
    await page.keyboard.type(words);
    await page.keyboard.press('Enter');
    const found = await shown(page);
    const native = trace(document, option);
    assert.ok(native.includes(found.which), `the page follows “${found.which}”, natively it is ${native.split('\n')[0]}`);
    assert.ok(native.includes(found.end), `on the page: ${found.end}; natively ${native}`);
    assert.match(found.end, option === '--failed' ? /^Failed after/ : /^Answered after/);
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('save-trace').click()]);
    const saved = JSON.parse(await readFile(await download.path(), 'utf8'));
    assert.deepEqual(saved, trace(document, option, '--json', 'perfetto'), 'what is saved is what the native program prints');
    assert.ok(saved.traceEvents.filter((e) => e.ph === 'X').length >= found.steps.length, 'every step has a slice');
    await page.keyboard.press('Escape');
    await until('the sheet to close', async () => (await page.getByTestId('tracer').count()) === 0);
  }
  assertQuiet(page);
  await page.context().close();
});

test('a request of a bar of the histogram, by the mouse, and the node of a step', { timeout: 120_000 }, async () => {
  const page = await site.open();
  const app = await new Loadstone(page).ready();
  await app.toTheEnd();
  await page.getByTestId('open-charts').click();
  const bar = page.locator('.histogram rect').nth(3);
  await bar.click();
  const from = Number(await bar.getAttribute('data-from')) / 1e6;
  await page.getByTestId('follow-bar').click();
  const found = await shown(page);
  const took = Number(found.end.match(/^Answered after ([\d,.]+) ms/)?.[1].replace(/,/g, ''));
  assert.ok(took >= from * 0.999 && took < from * 1.5, `a bar that begins at ${from} ms gave a request with: ${found.end}`);
  const step = page.getByTestId('waterfall').getByRole('listitem').last();
  const node = await step.getAttribute('data-node-of');
  await step.getByRole('button').click();
  await until(`${node} to be selected`, async () => (await app.card(node).getAttribute('aria-pressed')) === 'true');
  assertQuiet(page);
  await page.context().close();
});

test('the request of a dot, by clicking it', { timeout: 120_000 }, async () => {
  const page = await site.open();
  const app = await new Loadstone(page).ready();
  await until('some seconds of the run', async () => (await app.now()) > 3);
  await app.pause();
  // Where the canvas of the dots is coloured as dots of reads are, on the way between users and balancer.
  const dot = await until('a dot on the canvas', () => page.evaluate(() => {
    const canvas = document.querySelector('canvas');
    const { width, height } = canvas;
    const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
    const box = canvas.getBoundingClientRect();
    const reads = getComputedStyle(document.documentElement).getPropertyValue('--accent').trim();
    const [r, g, b] = [1, 3, 5].map((i) => parseInt(reads.slice(i, i + 2), 16));
    const like = (x, y) => {
      const i = 4 * (y * width + x);
      return data[i + 3] > 250 && Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b) < 12;
    };
    for (let y = 3; y < height - 3; y++) {
      for (let x = 3; x < width - 3; x++) {
        if (!like(x, y) || !like(x + 2, y) || !like(x - 2, y) || !like(x, y + 2) || !like(x, y - 2)) continue;
        const place = { x: box.x + (x * box.width) / width, y: box.y + (y * box.height) / height };
        const under = document.elementFromPoint(place.x, place.y);
        if (!under?.closest('[data-node], .legend, .minimap, .zoom, .try-this, .callout, [data-handle]')) return place;
      }
    }
    return undefined;
  }));
  await page.mouse.click(dot.x, dot.y);
  const { which, end } = await shown(page);
  const number = Number(which.match(/^Request ([\d,]+) of/)[1].replace(/,/g, ''));
  const { document } = run(await app.share());
  const native = trace(document, '--request', `users:${number}`);
  assert.ok(native.includes(which) && native.includes(end), `the page: ${which}, ${end}; natively: ${native}`);
  assertQuiet(page);
  await page.context().close();
});

test('the failed and the slowest request of a moment in the charts, by mouse and by keyboard', { timeout: 120_000 }, async () => {
  const page = await site.open();
  const app = await new Loadstone(page).ready();
  await app.toTheEnd();
  await page.getByTestId('open-charts').click();
  const chart = page.getByTestId('plot-errors').locator('.area');
  const box = await chart.boundingBox();
  // The primary crashes at 20 s of 120.
  await page.mouse.click(box.x + (box.width * 21) / 120, box.y + box.height / 2);
  await page.getByTestId('follow-failed').click();
  const failed = await shown(page);
  assert.match(failed.end, /^Failed after/);
  const { document } = run(await app.share());
  const ordinal = (which) => Number(which.match(/^Request ([\d,]+) of/)[1].replace(/,/g, ''));
  const wanted = (found) => trace(document, '--request', `users:${ordinal(found.which)}`, '--json', 'spans').wanted / 1e9;
  assert.ok(Math.abs(wanted(failed) - 21) < 8, `a failed request of about 21 s was wanted at ${wanted(failed)} s`);
  await page.keyboard.press('Escape');
  // By the keyboard: the needle's arrows choose the moment.
  await page.getByTestId('graphs-ruler').focus();
  await page.keyboard.press('End');
  await page.keyboard.press('Tab');
  await page.getByTestId('follow-slowest').focus();
  await page.keyboard.press('Enter');
  const slow = await shown(page);
  assert.match(slow.end, /^Answered after/);
  assert.ok(wanted(slow) > 100, `the slowest at the end of the run was wanted at ${wanted(slow)} s`);
  assertQuiet(page);
  await page.context().close();
});
