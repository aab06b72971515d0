// What the page's own program takes for one frame of the screen, with 200 nodes and as many dots as it draws at most (where more
// would fly, one stands for several), and what a bare page takes that draws as many dots and nothing else. Prints ms of script per frame of the page and of the bare page, and how many
// dots there were.

import { launch, serve, open, until } from '../tests/browser/harness.mjs';
import { Loadstone } from '../tests/browser/page.mjs';

/** Each is measured so long, in ms. */
const SPAN = 4000;

/** Four balancers side by side, each with forty-eight servers, and three databases. People are far away, so that many
 * requests are on their way at once. */
const LARGE = {
  loadstone: 1,
  name: 'Two hundred nodes',
  run_s: 600,
  nodes: [
    { id: 'users', kind: 'users', at: [0, 1200], params: { rate_rps: 540, timeout_ms: 60000 } },
    ...[0, 1, 2, 3].map((n) => ({ id: `lb${n}`, kind: 'load_balancer', at: [400, n * 800], params: { health: null } })),
    ...Array.from({ length: 192 }, (_, n) => ({ id: `web${n}`, kind: 'server', at: [700 + 240 * (n % 8), 140 * Math.floor(n / 8)] })),
    ...[0, 1, 2].map((n) => ({ id: `db${n}`, kind: 'database', at: [2800, n * 400] })),
  ],
  links: [
    ...[0, 1, 2, 3].map((n) => ({ from: 'users', to: `lb${n}`, params: { latency_ms: 1600 } })),
    ...Array.from({ length: 192 }, (_, n) => ({ from: `lb${Math.floor(n / 48)}`, to: `web${n}` })),
    ...Array.from({ length: 48 }, (_, n) => ({ from: `web${n * 4}`, to: 'db0' })),
    { from: 'db0', to: 'db1' },
    { from: 'db0', to: 'db2' },
  ],
};

/** Ms of script per frame while time goes by. */
async function perFrame(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const look = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return { script: metrics.find((m) => m.name === 'ScriptDuration').value * 1000, frames: await page.evaluate(() => globalThis.frames) };
  };
  await page.evaluate(() => {
    globalThis.frames = 0;
    const next = () => {
      globalThis.frames += 1;
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
  const before = await look();
  await page.waitForTimeout(SPAN);
  const after = await look();
  return (after.script - before.script) / (after.frames - before.frames);
}

/** How many dots and rings one frame draws, by what it asks of the canvas: a ring is wider than any dot. */
const drawn = (page) => page.evaluate(async () => {
  const { arc, rect } = CanvasRenderingContext2D.prototype;
  const count = { dots: 0, rings: 0, frames: 0 };
  CanvasRenderingContext2D.prototype.arc = function (x, y, radius, ...more) {
    count[radius < 8 ? 'dots' : 'rings'] += 1;
    return arc.call(this, x, y, radius, ...more);
  };
  CanvasRenderingContext2D.prototype.rect = function (...box) {
    count.dots += 1;
    return rect.call(this, ...box);
  };
  for (; count.frames < 30; count.frames++) await new Promise((next) => requestAnimationFrame(next));
  Object.assign(CanvasRenderingContext2D.prototype, { arc, rect });
  return { dots: Math.round(count.dots / count.frames), rings: Math.round(count.rings / count.frames) };
});

/** Draws so many moving dots, and around some of them rings, on a canvas of the page's size. */
const bare = ({ dots, rings }) => `<!doctype html><title>dots</title><style>body { margin: 0 }</style>
<canvas width="1440" height="900"></canvas>
<script>
  const context = document.querySelector('canvas').getContext('2d');
  const ways = Array.from({ length: ${dots} }, (_, n) => [n * 7 % 1440, n * 13 % 900, n * 17 % 1440, n * 29 % 900, n * 37 % 1000]);
  const draw = (wall) => {
    context.clearRect(0, 0, 1440, 900);
    const spots = ways.map(([x, y, u, v, late]) => {
      const part = (wall + late) % 1000 / 1000;
      return [x + (u - x) * part, y + (v - y) * part];
    });
    const circles = (spots, radius) => {
      context.beginPath();
      for (const [x, y] of spots) {
        context.moveTo(x + radius, y);
        context.arc(x, y, radius, 0, 2 * Math.PI);
      }
    };
    context.fillStyle = '#0072b2';
    circles(spots, 5);
    context.fill();
    context.strokeStyle = '#e69f00';
    circles(spots.slice(0, ${rings}), 9);
    context.stroke();
    requestAnimationFrame(draw);
  };
  requestAnimationFrame(draw);
</script>`;

let html = '';
const server = await serve({ answer: (path) => (path.endsWith('/bare.html') ? { type: 'text/html', body: html } : undefined) });
const browser = await launch();
try {
  const page = await open(browser, server.url);
  const app = await new Loadstone(page).ready();
  await page.locator('#open-file').setInputFiles({ name: 'large.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(LARGE)) });
  await until('two hundred cards', async () => (await app.nodes()).length === 200);
  await page.keyboard.press('Shift+1');
  await app.play();
  await until('the air to be full of requests', async () => (await app.now()) > 8, { timeout: 60_000 });
  const whole = await perFrame(page);
  const count = await drawn(page);
  html = bare(count);
  await page.context().close();
  const other = await open(browser, `${server.url}bare.html`);
  const alone = await perFrame(other);
  console.log(whole, alone, count.dots);
} finally {
  await browser.close();
  await server.close();
}
