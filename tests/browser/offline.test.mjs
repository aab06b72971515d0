// Without a network: the page opens and works as before, and a new release never mixes with the one before.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DIST, launch, open, serve, until } from './harness.mjs';
import { Loadstone } from './page.mjs';

/** The releases that are kept in the browser. */
const kept = (page) => page.evaluate(() => caches.keys());
const build = (page) => page.evaluate(() => document.documentElement.dataset.build);

/** A copy of the built page as its next release: other addresses, and another name in the bar. */
async function release(to) {
  await cp(DIST, to, { recursive: true });
  const change = async (file, edit) => writeFile(join(to, file), edit(await readFile(join(to, file), 'utf8')));
  const old = (await readFile(join(to, 'index.html'), 'utf8')).match(/data-build="([0-9a-f]+)"/)[1];
  const next = [...old].reverse().join('');
  for (const file of ['index.html', 'offline.js']) await change(file, (text) => text.replaceAll(old, next));
  await change('index.html', (text) => text.replace('<title>Loadstone', '<title>Loadstone, next'));
  return { old, next };
}

test('without a network it opens, runs at full speed and can be edited; a new release comes whole', { timeout: 180_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'loadstone-release-'));
  const browser = await launch();
  let server = await serve();
  try {
    const { old, next } = await release(folder);
    const port = Number(new URL(server.url).port);
    const { url } = server;
    const first = await open(browser, url, { serviceWorkers: 'allow' });
    const context = first.context();
    await new Loadstone(first).ready();
    await until('the page to be kept', async () => (await kept(first)).includes(`loadstone-${old}`) &&
      first.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.active?.state === 'activated'), { timeout: 60_000 });
    await first.close();

    // No network: nobody answers at that address.
    await server.close();
    const second = await context.newPage();
    await second.goto(url);
    const app = await new Loadstone(second).ready();
    await app.fast();
    await app.select('web1');
    await second.keyboard.press('Delete');
    await until('the server to be deleted', async () => !(await app.nodes()).includes('web1'));
    await second.goto(`${url}?view`);
    await second.getByTestId('canvas').waitFor();
    assert.equal(await build(second), old, 'whatever stands behind the question mark');
    await second.goto(new URL('validation.html', url).href);
    assert.match(await second.title(), /Loadstone|Validation/i, 'the figures are there, too');
    await second.goto(url);
    await new Loadstone(second).ready();

    // The next release is at the same address. A page that is open goes on with its own files; the next visit sees the new one.
    server = await serve({ port, dir: folder });
    assert.equal(await build(second), old);
    const third = await context.newPage();
    third.problems = [];
    third.on('pageerror', (error) => third.problems.push(error.message));
    await third.goto(url);
    await new Loadstone(third).ready();
    assert.deepEqual([await build(third), await third.title()], [next, 'Loadstone, next'], 'the next visit');
    assert.deepEqual(third.problems, []);
    const later = await second.evaluate(async () => (await fetch(`./app_later.wasm?v=${document.documentElement.dataset.build}`)).status);
    assert.equal(later, 200, 'the open page still gets the files of its own release');
    await until('the next release to be kept beside', async () => (await kept(third)).includes(`loadstone-${next}`), { timeout: 60_000 });
    assert.ok((await kept(third)).includes(`loadstone-${old}`), 'the old one is not taken from under the open page');
  } finally {
    await browser.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
});
