// The works as wasm in a worker of real Chromium. Usage: chromium.mjs FOLDER engine|bare A|B REQUESTS, FOLDER closed USERS
// SECONDS, or FOLDER example SLUG SECONDS. Prints requests or events, the processor's seconds that they took, and the bytes
// of the program's memory.

import { resolve } from 'node:path';
import { launch, serve } from '../tests/browser/harness.mjs';

const [folder, what, name, amount] = process.argv.slice(2);

/** Runs in the worker: begins, and then measures when it is told. */
const WORKER = `
  import init, * as works from './works.js';
  const { memory } = await init();
  // Until the browser's quick compiler, which comes first, has given way to its optimizing one.
  async function warm(act) {
    const until = performance.now() + 1000;
    while (performance.now() < until) {
      act();
      await new Promise((next) => setTimeout(next));
    }
  }
  const begin = {
    async closed(users, seconds) {
      const loop = new works.Loop(users);
      await warm(() => loop.advance(0.1));
      return () => loop.advance(seconds);
    },
    async example(slug, seconds) {
      const run = works.Example.open(slug);
      await warm(() => run.advance(0.02));
      return () => run.advance(seconds);
    },
    async requests(who, work, wanted) {
      await warm(() => works.requests(who, work, 20000));
      return () => works.requests(who, work, wanted);
    },
  };
  let act;
  onmessage = async ({ data }) => {
    if (data) act = await begin[data[0]](...data.slice(1));
    postMessage(data ? 'warm' : [act(), memory.buffer.byteLength]);
  };
  postMessage('ready');
`;

const server = await serve({
  dir: resolve(folder),
  answer: (path) => {
    if (path.endsWith('/bench.html')) return { type: 'text/html', body: '<!doctype html><title>works</title>' };
    if (path.endsWith('/worker.js')) return { type: 'text/javascript', body: WORKER };
  },
});
const browser = await launch();
try {
  const page = await browser.newPage();
  await page.goto(`${server.url}bench.html`);
  /** Tells the worker something and gives its answer; the first time it only starts it. */
  const tell = (words) => page.evaluate((words) => new Promise((answer, fail) => {
    const first = !globalThis.worker;
    globalThis.worker ??= new Worker('./worker.js', { type: 'module' });
    worker.onmessage = ({ data }) => answer(data);
    worker.onerror = (event) => fail(new Error(event.message));
    if (!first) worker.postMessage(words);
  }), words);
  await tell();
  const words = { closed: ['closed', Number(name)], example: ['example', name] }[what] ?? ['requests', what, name];
  await tell([...words, Number(amount)]);

  const system = await browser.newBrowserCDPSession();
  // The processor's time of what runs pages, so that what else runs on the machine counts little.
  const spent = async () => {
    const { processInfo } = await system.send('SystemInfo.getProcessInfo');
    return processInfo.filter((p) => p.type === 'renderer').reduce((sum, p) => sum + p.cpuTime, 0);
  };
  const began = await spent();
  const [count, bytes] = await tell(null);
  console.log(count, (await spent()) - began, bytes);
} finally {
  await browser.close();
  await server.close();
}
