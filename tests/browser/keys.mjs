// The page for somebody without a mouse: keys go in, and what comes out is read from the document as assistive technology would.
// Uses only what every driver of a browser has, so that the same steps go through Chromium and Firefox.

import assert from 'node:assert/strict';
import { until } from './harness.mjs';

/** What the steps below end up with: which part asks which. */
export const LINKS = ['dns>lb', 'lb>web1', 'lb>web2', 'users>dns', 'users>lb', 'web1>db1', 'web2>db1', 'db1>db2'].sort();

export class Keys {
  constructor(page) {
    this.page = page;
  }

  /** Until the canvas shows something, and the part of the page that answers a person is there. From then on, what is told aloud is kept. */
  async ready() {
    await until('the page to be there', () => this.read(() =>
      document.querySelector('[data-node]') && document.querySelector('#open-file') && true));
    await this.read(() => {
      globalThis.heard = [];
      const region = document.querySelector('[data-testid="said-aloud"]');
      new MutationObserver(() => globalThis.heard.push(region.textContent.trim()))
        .observe(region, { childList: true, characterData: true, subtree: true });
    });
    return this;
  }

  read(fn, ...args) {
    return this.page.evaluate(fn, ...args);
  }

  /** One key, with others held: `Control+Shift+z`. */
  async press(keys) {
    const held = keys.split('+');
    const key = held.pop();
    for (const other of held) await this.page.keyboard.down(other);
    await this.page.keyboard.press(key);
    for (const other of held.reverse()) await this.page.keyboard.up(other);
  }

  nodes() {
    return this.read(() => [...document.querySelectorAll('[data-node]')].map((c) => c.dataset.node));
  }

  links() {
    return this.read(() => [...document.querySelectorAll('g.link[data-link]')].map((l) => l.dataset.link));
  }

  name(id) {
    return this.read((id) => document.querySelector(`[data-node="${id}"] .name`).textContent, id);
  }

  focused() {
    return this.read(() => document.activeElement?.dataset.node);
  }

  heard() {
    return this.read(() => globalThis.heard.join(' | '));
  }

  log() {
    return this.read(() => [...document.querySelectorAll('[data-testid="log"] .entry')].map((l) => ({ what: l.dataset.what, of: l.dataset.of })));
  }

  /** Simulated time as the clock shows it, in seconds. */
  now() {
    return this.read(() => {
      const [, minutes, seconds] = document.querySelector('[data-testid="clock"]').textContent.match(/(\d+):(\d+(?:\.\d+)?)/);
      return Number(minutes) * 60 + Number(seconds);
    });
  }

  running() {
    return this.read(() => document.querySelector('[data-testid="play"]').getAttribute('aria-label') === 'Pause');
  }

  /** Chooses from a list that a key opens, by typing. */
  async choose(key, list, words) {
    await this.press(key);
    await until(`the list "${list}"`, () => this.read((list) => document.activeElement?.getAttribute('aria-label') === list, list));
    await this.page.keyboard.type(words);
    await until(`something called ${words} in the list`, () => this.read(() => document.querySelector('#choice-0') && true));
    await this.press('Enter');
  }

  /** Does what the list of commands calls so. */
  does(words) {
    return this.choose('Control+k', 'All commands', words);
  }

  async focusOn(id) {
    await until(`${id} to have the keyboard`, async () => (await this.focused()) === id);
  }

  /** Adds by the list of commands; the new card has the keyboard. */
  async add(words) {
    const before = await this.nodes();
    await this.does(`Add: ${words}`);
    const id = await until(`a card for ${words}`, async () => (await this.nodes()).find((n) => !before.includes(n)));
    await this.focusOn(id);
    return id;
  }

  async goTo(id) {
    await this.choose('Control+f', 'Find a node', await this.name(id));
    await this.focusOn(id);
  }

  /** Links the card that has the keyboard. */
  async linkTo(from, to) {
    await this.choose('l', 'Link to', await this.name(to));
    await until(`the link ${from} → ${to}`, async () => (await this.links()).includes(`${from}>${to}`));
    await this.focusOn(from);
  }

  /** Tabs on until this holds of what has the keyboard. */
  async tabTo(what, holds, ...args) {
    for (let i = 0; i < 150; i++) {
      if (await this.read(holds, ...args)) return;
      await this.press('Tab');
    }
    assert.fail(`Tab does not reach ${what} in 150 steps`);
  }

  /**
   * From whatever is open: a new document with DNS, a balancer, two servers, a primary that fails over and its replica; played, its
   * primary crashed, its replica promoted, and the link to it. Returns the identifiers by the names in `LINKS`, and the link.
   */
  async story() {
    await this.does('New document');
    await until('an empty canvas', async () => (await this.nodes()).length === 0);
    const ids = {};
    ids.db1 = await this.add('Database');
    await until('the new card to be said aloud', async () => /Added/.test(await this.heard()));
    // Automatic failover is a setting of the database.
    await this.tabTo('the mode of the failover', () => document.activeElement?.closest('[data-param="failover.mode"]') && document.activeElement.matches('select'));
    await this.page.keyboard.type('automatic');
    await until('the mode to be chosen', () => this.read(() => document.activeElement?.value === 'automatic'));
    ids.db2 = await this.add('Database');
    await this.goTo(ids.db1);
    await this.linkTo(ids.db1, ids.db2);
    for (const web of ['web1', 'web2']) {
      ids[web] = await this.add('Web server');
      await this.linkTo(ids[web], ids.db1);
    }
    ids.lb = await this.add('Load balancer');
    await this.linkTo(ids.lb, ids.web1);
    await this.linkTo(ids.lb, ids.web2);
    ids.dns = await this.add('DNS');
    await this.linkTo(ids.dns, ids.lb);
    ids.users = await this.add('Web browsers');
    await this.linkTo(ids.users, ids.dns);
    await this.linkTo(ids.users, ids.lb);
    const names = Object.fromEntries(Object.entries(ids).map(([name, id]) => [id, name]));
    const links = (await this.links()).map((l) => l.split('>').map((id) => names[id] ?? id).join('>')).sort();
    assert.deepEqual(links, LINKS, 'the design is as wanted');

    await this.goTo(ids.db1);
    await this.press(' ');
    await until('the run to go', async () => (await this.now()) > 1);
    await this.press('x');
    const seen = (what, of) => until(`"${what}" of ${of} in the log`, async () =>
      (await this.log()).some((l) => l.what === what && l.of === of), { timeout: 60_000 });
    await seen('crash', ids.db1);
    await seen('promoted', ids.db2);
    await this.press(' ');
    await until('the run to stand', async () => !(await this.running()));
    await this.does('Share link');
    const link = await until('the link', () => this.read(() => document.querySelector('[data-testid="share-link"]')?.value));
    await this.press('Escape');
    return { ids, link };
  }
}
