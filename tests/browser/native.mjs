// The native program, to compare the page with.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const NATIVE = process.env.LOADSTONE ?? resolve(fileURLToPath(new URL('.', import.meta.url)), '../../target/debug/loadstone');

const loadstone = (...args) => execFileSync(NATIVE, args, { encoding: 'utf8', maxBuffer: 1 << 28 });

function file(text) {
  const path = join(mkdtempSync(join(tmpdir(), 'loadstone-')), 'scenario.json');
  writeFileSync(path, text);
  return path;
}

/** What `loadstone run --json` reports of a link, and the document in it. */
export function run(link) {
  const text = loadstone('unlink', link);
  return { document: JSON.parse(text), report: JSON.parse(loadstone('run', file(text), '--json')) };
}

/** The fragment that `loadstone link` makes of a document. */
export function fragment(document) {
  return loadstone('link', file(JSON.stringify(document))).trim().split('#').pop();
}

/** What `loadstone run --csv` prints of a document. */
export function series(document, interval) {
  return loadstone('run', file(JSON.stringify(document)), '--series', interval, '--csv');
}

/** What `loadstone run --json` reports of a document. */
export function report(document, ...options) {
  return JSON.parse(loadstone('run', file(JSON.stringify(document)), '--json', ...options));
}

/** What `loadstone stack` writes for a document: contents by path. */
export function stack(document) {
  const scenario = file(JSON.stringify(document));
  const folder = join(scenario, '../stack');
  loadstone('stack', scenario, folder);
  const all = readdirSync(folder, { recursive: true }).map((path) => join(folder, path));
  const files = all.filter((path) => statSync(path).isFile());
  return Object.fromEntries(files.map((path) => [relative(folder, path), readFileSync(path)]));
}

/** What `loadstone trace` prints of a request of a document; with `--json` parsed. */
export function trace(document, ...options) {
  const printed = loadstone('trace', file(JSON.stringify(document)), ...options);
  return options.includes('--json') ? JSON.parse(printed) : printed;
}
