// The page opens at all: under a sub-path, with nothing going wrong behind the scenes.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { assertQuiet, shot, stage } from './harness.mjs';

const site = stage();

test('opens under a path, says what it is, and asks no other host for anything', async () => {
  const page = await site.open();
  await page.waitForLoadState('networkidle');
  assert.match(await page.title(), /Loadstone/);
  await shot(page, 'smoke');
  assertQuiet(page);
});
