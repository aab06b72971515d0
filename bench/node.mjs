// The works as wasm in Node, whose engine is Chromium's. Usage: node.mjs FOLDER engine|bare A|B REQUESTS, which prints
// requests and seconds; FOLDER rewind SEEKS, the seconds of the slowest; FOLDER hashes FROM TO, a hash a line and then
// the number of events.

import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, what, ...args] = process.argv.slice(2);
const works = await import(pathToFileURL(resolve(folder, 'works.js')));
works.initSync({ module: await readFile(resolve(folder, 'works_bg.wasm')) });

function timed(act) {
  // The processor's time, so that what else runs on the machine counts little.
  const began = process.cpuUsage();
  const count = act();
  console.log(count, process.cpuUsage(began).user / 1e6);
}

if (what === 'hashes') {
  console.log(works.random_designs(...args.map(Number)));
} else if (what === 'rewind') {
  const moments = new works.Moments();
  let slowest = 0;
  for (let seek = 0; seek < Number(args[0]); seek += 1) {
    const at = moments.anywhere();
    const began = process.cpuUsage();
    moments.seek(at);
    slowest = Math.max(slowest, process.cpuUsage(began).user / 1e6);
  }
  console.log(slowest);
} else {
  const [work, requests] = [args[0], Number(args[1])];
  // Once warm: the engine's quick compiler runs first, its optimizing one meanwhile.
  const until = performance.now() + 1000;
  while (performance.now() < until) {
    works.requests(what, work, 20_000);
    await new Promise((next) => setTimeout(next));
  }
  timed(() => works.requests(what, work, requests));
}
