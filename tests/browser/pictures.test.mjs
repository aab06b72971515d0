// Pictures and films of the canvas: what is saved, and that pictures open again as the scenario; tables of traffic.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { assertQuiet, stage, until } from './harness.mjs';
import { run } from './native.mjs';
import { Loadstone } from './page.mjs';

const site = stage();

/** Saves something by `press`; its name and bytes. */
async function saved(page, press) {
  const [download] = await Promise.all([page.waitForEvent('download'), press()]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

/** The size of a picture in pixels, and how bright its corner is, as the browser reads it. */
function read(page, bytes) {
  return page.evaluate(async (base64) => {
    const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))]));
    const canvas = new OffscreenCanvas(4, 4);
    canvas.getContext('2d').drawImage(bitmap, 0, 0);
    return { width: bitmap.width, height: bitmap.height, corner: canvas.getContext('2d').getImageData(2, 2, 1, 1).data[1] };
  }, bytes.toString('base64'));
}

/** Lets a file fall onto the canvas. */
function drop(page, { name, bytes, type }) {
  return page.evaluate(async ({ name, base64, type }) => {
    const data = new DataTransfer();
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    data.items.add(new File([bytes], name, { type }));
    document.querySelector('#board').dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: data }));
  }, { name, base64: bytes.toString('base64'), type });
}

/** Opens an empty document, so that there is something to come back from. */
async function another(app) {
  await app.page.getByTestId('document-menu').click();
  await app.page.getByRole('menuitem', { name: 'New document' }).click();
  await until('an empty canvas', async () => (await app.nodes()).length === 0);
}

test('a PNG, chosen in the share dialog: as sharp and dark as asked, and dropped on the page it opens again', { timeout: 90_000 }, async () => {
  const page = await site.open();
  const app = await new Loadstone(page).ready();
  await app.pause();
  const [nodes, links] = [await app.nodes(), await app.links()];
  await page.getByTestId('share').click();
  const found = {};
  let last;
  for (const kind of ['png1', 'png2']) {
    for (const theme of ['light', 'dark']) {
      await page.getByTestId('picture-kind').selectOption(kind);
      await page.getByTestId('picture-theme').selectOption(theme);
      const { name, bytes } = await saved(page, () => page.getByTestId('save-picture').click());
      assert.match(name, /\.png$/);
      found[`${kind} ${theme}`] = await read(page, bytes);
      last = bytes;
    }
  }
  const [small, sharp] = [found['png1 light'], found['png2 light']];
  for (const side of ['width', 'height']) {
    assert.ok(Math.abs(sharp[side] - 2 * small[side]) <= 2, `the sharp one is twice as large: ${JSON.stringify(found)}`);
  }
  assert.ok(found['png2 light'].corner > 200 && found['png2 dark'].corner < 60, `light and dark: ${JSON.stringify(found)}`);
  await page.keyboard.press('Escape');
  await another(app);
  await drop(page, { name: 'design.png', bytes: last, type: 'image/png' });
  await until('the cards to be back', async () => (await app.nodes()).length === nodes.length);
  assert.deepEqual([await app.nodes(), await app.links()], [nodes, links], 'the design that the picture shows');
  assertQuiet(page);
  await page.context().close();
});

test('an SVG, by the keyboard: it is a drawing with the names in it, and pasted it opens again', { timeout: 90_000 }, async () => {
  const page = await site.open();
  const app = await new Loadstone(page).ready();
  const names = await page.locator('[data-node] .name').allTextContents();
  await page.getByTestId('canvas').focus();
  await page.keyboard.press('Control+KeyK');
  await page.keyboard.type('drawing (SVG)');
  const { name, bytes } = await saved(page, () => page.keyboard.press('Enter'));
  assert.match(name, /\.svg$/);
  const text = bytes.toString();
  const shown = await page.evaluate((svg) => {
    const drawing = new DOMParser().parseFromString(svg, 'image/svg+xml');
    return [drawing.querySelector('parsererror')?.textContent, [...drawing.querySelectorAll('text')].map((t) => t.textContent)];
  }, text);
  assert.equal(shown[0], undefined, 'it is well-formed');
  for (const wanted of names) assert.ok(shown[1].includes(wanted), `${wanted} is among ${shown[1].join(', ')}`);
  await another(app);
  await page.getByTestId('canvas').focus();
  await page.evaluate((svg) => {
    const data = new DataTransfer();
    data.setData('text/plain', svg);
    document.activeElement.dispatchEvent(new ClipboardEvent('paste', { bubbles: true, cancelable: true, clipboardData: data }));
  }, text);
  await until('the cards to be back', async () => (await app.nodes()).length === names.length);
  assertQuiet(page);
  await page.context().close();
});

test('a table of traffic becomes the load of the users, dropped or pasted, in one step of undo', { timeout: 90_000 }, async () => {
  const page = await site.open();
  const app = await new Loadstone(page).ready();
  // What is changed later in a run is an entry on the timeline.
  await app.seek(0);
  const users = async () => run(await app.share()).document.nodes.find((n) => n.kind === 'users').params;
  const before = await users();
  await drop(page, { name: 'monday.csv', bytes: Buffer.from('time,rps\n2026-11-23T08:00:00,50\n2026-11-23T08:00:30,150\n'), type: 'text/csv' });
  await until('the message', async () => /follows “?monday\.csv”?: 100 requests per second/.test(await app.notice().textContent()));
  assert.deepEqual(await users(), { ...before, rate_rps: 100, load: [[0, 0.5], [30, 1.5]] });
  await page.getByTestId('canvas').focus();
  await page.keyboard.press('Control+z');
  assert.deepEqual(await users(), before, 'one undo takes all of it back');
  await page.getByTestId('canvas').focus();
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.setData('text/plain', 'from_s,to_s,rate_rps\n0,1,20\n1,2,x');
    document.activeElement.dispatchEvent(new ClipboardEvent('paste', { bubbles: true, cancelable: true, clipboardData: data }));
  });
  await until('the reason', async () => /Line 3: “x” is no number of requests/.test(await app.notice().textContent()));
  assert.deepEqual(await users(), before, 'what cannot be read changes nothing');
  assertQuiet(page);
  await page.context().close();
});

test('pictures without a scenario, damaged ones and other files are refused in words, and the work stays', { timeout: 60_000 }, async () => {
  const page = await site.open();
  const app = await new Loadstone(page).ready();
  const nodes = await app.nodes();
  const bare = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==', 'base64');
  const svg = (inside) => Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${inside}<script>document.title = "pwned"</script></svg>`);
  for (const [file, words] of [
    [{ name: 'photo.png', bytes: bare, type: 'image/png' }, /photo\.png is a picture or diagram without a scenario/],
    [{ name: 'drawing.svg', bytes: svg(''), type: 'image/svg+xml' }, /drawing\.svg is a picture or diagram without a scenario/],
    [{ name: 'harm.svg', bytes: svg('<metadata>loadstone#AAAA</metadata>'), type: 'image/svg+xml' }, /harm\.svg could not be opened/],
    [{ name: 'noise.bin', bytes: Buffer.from([255, 254, 0, 200]), type: '' }, /noise\.bin could not be opened: it is neither/],
  ]) {
    await drop(page, file);
    await until(`words about ${file.name}`, async () => words.test(await app.notice().textContent()));
    assert.deepEqual(await app.nodes(), nodes, `${file.name} changed nothing`);
  }
  assert.ok(!/pwned/.test(await page.title()), 'nothing of a drawing is carried out');
  assertQuiet(page);
  await page.context().close();
});

test('a film of the canvas: recorded, stopped by hand, a WebM that the browser plays', { timeout: 90_000 }, async () => {
  const page = await site.open();
  const app = await new Loadstone(page).ready();
  await until('a run', async () => (await app.now()) > 1);
  await page.getByTestId('canvas').focus();
  await page.keyboard.press('Control+KeyK');
  await page.keyboard.type('Record a film');
  await page.keyboard.press('Enter');
  await page.getByTestId('filming').waitFor();
  await until('three seconds of film', async () => /0:0[3-9]/.test(await page.getByTestId('filming').textContent()));
  const { name, bytes } = await saved(page, () => page.getByTestId('end-film').click());
  assert.match(name, /\.webm$/);
  assert.equal(bytes.subarray(0, 4).toString('hex'), '1a45dfa3', 'it begins as every WebM does');
  assert.ok(bytes.length > 20_000, `it has ${bytes.length} bytes`);
  await until('the bar to be gone', async () => (await page.getByTestId('filming').count()) === 0);
  assertQuiet(page);
  await page.context().close();
});
