// The page opens at all: under a sub-path, with nothing going wrong behind the scenes.

import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { assertQuiet, launch, open, serve, shot } from './harness.mjs';

let server, browser;
before(async () => {
  server = await serve();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.close();
});

test('opens under a path, says what it is, and asks no other host for anything', async () => {
  const page = await open(browser, server.url);
  await page.waitForLoadState('networkidle');
  assert.match(await page.title(), /Loadstone/);
  await shot(page, 'smoke');
  assertQuiet(page);
});
