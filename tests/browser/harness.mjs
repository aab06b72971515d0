// What every browser test needs: the built page on a server of its own, Chromium, and pages that remember
// everything that went wrong in them.
//
// It knows nothing of what the page shows; that is in page.mjs. Files are served under a path, not at the
// root, since people host the page under /loadstone/ or the like.

import { after, before } from 'node:test';
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

const HERE = fileURLToPath(new URL('.', import.meta.url));
export const DIST = process.env.LOADSTONE_DIST ?? resolve(HERE, '../../dist');
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
};

/** The sizes that the page is designed for. */
export const SIZES = [
  { width: 1440, height: 900 },
  { width: 1024, height: 768 },
  { width: 390, height: 844 },
];

/**
 * Serves the built page from `dir` under `under`, on a free port of this machine.
 * `answer(path)` may return `{ status, type, body }` to answer differently.
 */
export async function serve({ dir = DIST, under = '/loadstone/', port = 0, answer = () => undefined } = {}) {
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    const other = await answer(path);
    if (other) {
      response.writeHead(other.status ?? 200, { 'content-type': other.type ?? 'text/plain' });
      response.end(other.body ?? '');
      return;
    }
    const inside = path.startsWith(under) ? normalize(path.slice(under.length)) : '..';
    const file = inside.startsWith('..') ? undefined : join(dir, inside === '.' ? 'index.html' : inside);
    try {
      const body = await readFile(file);
      response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
      response.end(body);
    } catch {
      response.writeHead(404, { 'content-type': 'text/plain' });
      response.end('no such file');
    }
  });
  await new Promise((ready) => server.listen(port, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${server.address().port}${under}`,
    close: () =>
      new Promise((closed) => {
        server.close(closed);
        server.closeAllConnections();
      }),
  };
}

/** A real Chromium that talks to nobody but the page's own server; `more` of its switches. */
export async function launch(more = []) {
  const wanted = {
    executablePath: CHROMIUM,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...more,
    ],
  };
  // A browser that falls over as it starts, which happens once in some thousand times, says nothing of the page.
  return chromium.launch(wanted).catch(() => chromium.launch(wanted));
}

/**
 * A page in a profile of its own at `url`, without a service worker unless asked for. `page.problems` fills with everything that should not happen:
 * errors and warnings in the console, exceptions, requests that fail or leave the page's own host.
 */
export async function open(browser, url, { theme = 'light', size = SIZES[0], reducedMotion = 'no-preference', ...more } = {}) {
  const context = await browser.newContext({ colorScheme: theme, viewport: size, reducedMotion, serviceWorkers: 'block', ...more });
  const page = await context.newPage();
  watch(page, new URL(url).origin);
  await page.goto(url);
  return page;
}

/**
 * The built page on a server and a browser to see it in, up for all the tests of a file.
 * `open(hash, options)` gives a page in a profile of its own, at the address with that fragment.
 */
export function stage() {
  const site = { open: (hash = '', options = {}) => open(site.browser, site.url + hash, options) };
  let server;
  before(async () => {
    server = await serve();
    site.url = server.url;
    site.browser = await launch();
  });
  after(async () => {
    await site.browser?.close();
    await server?.close();
  });
  return site;
}

function watch(page, home) {
  page.problems = [];
  const problem = (text) => page.problems.push(text);
  page.on('console', (message) => {
    // What this harness itself forbids is not the page's fault.
    const ours = message.text().startsWith('Service Worker registration blocked');
    if (['error', 'warning'].includes(message.type()) && !ours) {
      problem(`console ${message.type()}: ${message.text()} (${message.location().url})`);
    }
  });
  page.on('pageerror', (error) => problem(`exception: ${error.message}`));
  page.on('crash', () => problem('the page crashed'));
  page.on('response', (response) => {
    if (response.status() >= 400) problem(`${response.status()} for ${response.url()}`);
  });
  page.on('requestfailed', (request) => problem(`request failed: ${request.url()} (${request.failure()?.errorText})`));
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (origin !== home && !['data:', 'blob:'].includes(protocol)) problem(`request to another host: ${request.url()}`);
  });
}

/** Fails with the list of what went wrong in the page. */
export function assertQuiet(page) {
  assert.deepEqual(page.problems, [], 'nothing may go wrong in the page behind the scenes');
}

/**
 * Waits until `probe` returns something true and returns it; fails by saying what was waited for and what
 * was there instead.
 */
export async function until(what, probe, { timeout = 15_000 } = {}) {
  const end = Date.now() + timeout;
  let last;
  for (;;) {
    try {
      last = await probe();
    } catch (error) {
      last = error;
    }
    if (last && !(last instanceof Error)) return last;
    if (Date.now() > end) assert.fail(`waited ${timeout / 1000} s for ${what}; last seen: ${last?.message ?? JSON.stringify(last)}`);
    await new Promise((next) => setTimeout(next, 50));
  }
}

/** Leaves a picture for people when LOADSTONE_SHOTS names a folder. */
export async function shot(page, name) {
  if (process.env.LOADSTONE_SHOTS) await page.screenshot({ path: join(process.env.LOADSTONE_SHOTS, `${name}.png`) });
}
