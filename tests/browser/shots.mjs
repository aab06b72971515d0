// Pictures of the built page at every size in both themes, into the folder named by the first argument.

import { join } from 'node:path';
import { launch, open, serve, SIZES } from './harness.mjs';

const [, , dir] = process.argv;
// Long enough for the first example to be running and its charts to have something to show.
const SETTLE_MS = Number(process.env.LOADSTONE_SHOT_AFTER_MS ?? 6000);

const server = await serve();
const browser = await launch();
for (const size of SIZES) {
  for (const theme of ['light', 'dark']) {
    const page = await open(browser, server.url, { theme, size });
    await page.waitForTimeout(SETTLE_MS);
    const path = join(dir, `${size.width}x${size.height}-${theme}.png`);
    await page.screenshot({ path });
    console.log(path);
    for (const problem of page.problems) console.log(`  ${problem}`);
    await page.context().close();
  }
}
await browser.close();
await server.close();
