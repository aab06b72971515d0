// The second part of the program comes once the run shows: nothing that a visitor sees first waits for it, and nothing
// that a visitor does too early is lost.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { stage, until } from './harness.mjs';
import { Loadstone } from './page.mjs';

const site = stage();
const LATER = /app_later\.wasm/;

test('the run shows without the second part; a button pressed before it comes does its work then', async () => {
  const page = await site.open();
  let come;
  const held = new Promise((release) => (come = release));
  await page.route(LATER, async (route) => {
    await held;
    await route.continue();
  });
  await page.reload();
  const app = new Loadstone(page);
  await until('simulated time to pass without the second part', async () => (await app.now()) > 0);
  await page.getByTestId('help').click();
  assert.equal(await page.locator('dialog').count(), 0, 'a dialog is there before the part that draws it');
  come();
  await page.locator('dialog[open]').waitFor();
  await app.ready();
  await page.context().close();
});

test('a second part that does not come is told and tried again', async () => {
  const page = await site.open();
  let tries = 0;
  await page.route(LATER, (route) => (tries++ === 0 ? route.abort() : route.continue()));
  await page.reload();
  const app = new Loadstone(page);
  await until('a message that something is missing', async () => /could not be loaded/.test(await app.notice().textContent()));
  await app.ready();
  await app.card((await app.nodes())[0]).click();
  assert.equal(tries, 2, 'it was asked for twice');
  await page.context().close();
});
