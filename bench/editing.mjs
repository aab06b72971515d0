// What hands wait for in a large design: 500 nodes and 800 links, edited while the run stands. Prints how long the document takes
// to open and to show every card, in ms, and the longest script between two frames of the screen, in ms, during a drag of fifty
// cards, a marquee, zooming with the wheel, and undo with redo.

import { launch, open, serve, until } from '../tests/browser/harness.mjs';
import { Loadstone } from '../tests/browser/page.mjs';

/** Ten balancers, each with forty-eight servers, and nine databases in a chain; most servers ask a database. */
const DESIGN = {
  loadstone: 1, name: 'Five hundred nodes', run_s: 60,
  nodes: [
    { id: 'users', kind: 'users', at: [0, 2800], params: { rate_rps: 10 } },
    ...Array.from({ length: 10 }, (_, n) => ({ id: `lb${n}`, kind: 'load_balancer', at: [400, n * 720] })),
    ...Array.from({ length: 480 }, (_, n) => ({ id: `web${n}`, kind: 'server', at: [700 + 240 * (n % 8), 120 * Math.floor(n / 8)] })),
    ...Array.from({ length: 9 }, (_, n) => ({ id: `db${n}`, kind: 'database', at: [2900, n * 780] })),
  ],
  links: [
    ...Array.from({ length: 10 }, (_, n) => ({ from: 'users', to: `lb${n}` })),
    ...Array.from({ length: 480 }, (_, n) => ({ from: `lb${Math.floor(n / 48)}`, to: `web${n}` })),
    ...Array.from({ length: 302 }, (_, n) => ({ from: `web${n}`, to: `db${n % 9}` })),
    ...Array.from({ length: 8 }, (_, n) => ({ from: `db${n}`, to: `db${n + 1}` })),
  ],
};

/** Traced events that are script; those inside others are counted with them. */
const SCRIPT = new Set(['EventDispatch', 'FunctionCall', 'FireAnimationFrame', 'TimerFire', 'RunMicrotasks', 'EvaluateScript']);

/** The longest script between two frames of the page, in ms, while something is done. */
async function longest(browser, page, act) {
  await browser.startTracing(page, { categories: ['devtools.timeline', 'disabled-by-default-devtools.timeline'] });
  await act();
  await page.waitForTimeout(100);
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  // The page's thread is the one on which animation frames fire.
  const fires = traceEvents.filter((e) => e.name === 'FireAnimationFrame');
  const threads = Map.groupBy ? Map.groupBy(fires, (e) => `${e.pid} ${e.tid}`) : fires.reduce((m, e) => m.set(`${e.pid} ${e.tid}`, [...(m.get(`${e.pid} ${e.tid}`) ?? []), e]), new Map());
  const [busiest] = [...threads].sort((a, b) => b[1].length - a[1].length)[0];
  const events = traceEvents.filter((e) => e.ph === 'X' && `${e.pid} ${e.tid}` === busiest && SCRIPT.has(e.name)).sort((a, b) => a.ts - b.ts);
  let [most, sum, end] = [0, 0, 0];
  for (const event of events) {
    if (event.ts < end) continue;
    // A frame begins with its first animation callback.
    if (event.name === 'FireAnimationFrame') sum = 0;
    sum += event.dur / 1000;
    most = Math.max(most, sum);
    end = event.ts + event.dur;
  }
  return most;
}

const server = await serve();
const browser = await launch();
try {
  const page = await open(browser, server.url);
  const app = await new Loadstone(page).ready();
  await app.fast();
  await app.pause();
  await page.evaluate(() => {
    const count = () => document.querySelectorAll('[data-node]').length;
    new MutationObserver((_, watching) => {
      if (count() !== 500) return;
      watching.disconnect();
      requestAnimationFrame(() => setTimeout(() => { globalThis.shown = performance.now(); }));
    }).observe(document.querySelector('.cards'), { childList: true });
    document.querySelector('#open-file').addEventListener('change', () => { globalThis.began = performance.now(); }, { capture: true });
  });
  await page.locator('#open-file').setInputFiles({ name: 'large.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(DESIGN)) });
  const opened = await until('five hundred cards', () => page.evaluate(() => globalThis.shown && globalThis.shown - globalThis.began));
  await app.pause();
  await page.getByTestId('canvas').focus();
  await page.keyboard.press('Shift+1');
  const { mouse, keyboard } = page;
  const place = (id) => app.card(id).boundingBox();

  const first = await place('web0');
  const last = await place('web54');
  const sweep = async () => {
    await mouse.move(first.x - 4, first.y - 4);
    await mouse.down();
    for (let i = 1; i <= 30; i++) {
      await mouse.move(first.x - 4 + ((last.x + last.width - first.x + 6) * i) / 30, first.y - 4 + ((last.y + last.height - first.y + 6) * i) / 30);
      await page.waitForTimeout(16);
    }
    await mouse.up();
  };
  const marquee = await longest(browser, page, sweep);
  const grip = await place('web27');
  const drag = await longest(browser, page, async () => {
    await mouse.move(grip.x + grip.width / 2, grip.y + grip.height / 2);
    await mouse.down();
    for (let i = 1; i <= 40; i++) {
      await mouse.move(grip.x + grip.width / 2 + i * 2, grip.y + grip.height / 2 + i);
      await page.waitForTimeout(16);
    }
    await mouse.up();
  });
  const undo = await longest(browser, page, async () => {
    for (const key of ['Control+z', 'Control+Shift+z', 'Control+z', 'Control+Shift+z']) {
      await keyboard.press(key);
      await page.waitForTimeout(120);
    }
  });
  const zoom = await longest(browser, page, async () => {
    await keyboard.down('Control');
    for (let i = 0; i < 40; i++) {
      await mouse.wheel(0, i < 20 ? -60 : 60);
      await page.waitForTimeout(16);
    }
    await keyboard.up('Control');
  });
  console.log(opened, drag, marquee, zoom, undo);
} finally {
  await browser.close();
  await server.close();
}
