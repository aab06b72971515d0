// What a person sees and does on the page, in the words of the tests. Reads only what is on the screen or what
// assistive technology is told; never reaches into the program.

import assert from 'node:assert/strict';
import { until } from './harness.mjs';

/** What assistive technology reads of an element. */
const told = (element) => element.getAttribute('aria-label') ?? element.textContent;

/** The page as a person's hands and eyes. */
export class Loadstone {
  constructor(page) {
    this.page = page;
  }

  /** Until the canvas shows a document, and the part of the page that answers a person is there. */
  async ready() {
    await this.page.getByTestId('canvas').waitFor();
    await this.page.locator('#open-file').waitFor({ state: 'attached' });
    await until('cards on the canvas', async () => (await this.nodes()).length > 0);
    return this;
  }

  /** The program of the page's only worker; none while there are two. */
  async program() {
    const workers = this.page.workers();
    return workers.length === 1 && workers[0].evaluate(() => self.name);
  }

  /** Until the engine that is made for speed runs alone; its worker. */
  async fast() {
    await until('the fast engine alone to run', async () => (await this.program()) === 'engine', { timeout: 60_000 });
    return this.page.workers()[0];
  }

  card(id) {
    return this.page.locator(`[data-node="${id}"]`);
  }

  link(from, to) {
    return this.page.locator(`g[data-link="${from}>${to}"]`);
  }

  /** Identifiers of the cards on the canvas. */
  nodes() {
    return this.page.locator('[data-node]').evaluateAll((cards) => cards.map((c) => c.dataset.node));
  }

  /** `from>to` of the links on the canvas. */
  links() {
    return this.page.locator('g.link[data-link]').evaluateAll((links) => links.map((l) => l.dataset.link));
  }

  /** What is told of a card: name, kind, address, state, load. */
  told(id) {
    return this.card(id).evaluate(told);
  }

  /** Does what the list of commands calls so. */
  async does(words) {
    await this.page.keyboard.press('Control+k');
    await this.page.keyboard.type(words);
    await this.page.locator('#choice-0').waitFor();
    await this.page.keyboard.press('Enter');
  }

  /** Identifiers of the cards of which this is told. */
  async find(pattern) {
    const found = [];
    for (const id of await this.nodes()) if (pattern.test(await this.told(id))) found.push(id);
    return found;
  }

  /** The one card of which this is told. */
  async findOne(pattern) {
    return until(`one card that says ${pattern}`, async () => ((found) => found.length === 1 && found[0])(await this.find(pattern)));
  }

  /** Selects a card with the mouse. */
  async select(id) {
    await this.card(id).locator('.name').click();
    await until(`${id} to be selected`, async () => (await this.card(id).getAttribute('aria-pressed')) === 'true');
  }

  /** How many requests the selected balancer has given to the backend of this name so far. */
  async got(name) {
    const row = this.page.getByRole('row').filter({ has: this.page.getByRole('rowheader', { name, exact: true }) });
    return Number((await row.getByRole('cell').nth(1).textContent()).replace(/[^\d]/g, ''));
  }

  name(id) {
    return this.card(id).locator('.name').textContent();
  }

  /** The link that the share dialog offers. */
  async share() {
    await this.page.getByTestId('share').click();
    const link = await this.page.getByTestId('share-link').inputValue();
    await this.page.keyboard.press('Escape');
    return link;
  }

  /** Runs to the end as fast as possible; the trace hash that is shown then. */
  async toTheEnd() {
    // In this order: at the highest speed the run may be over before the next look.
    await this.play();
    await this.speed(100);
    await until('the run to end', async () => !(await this.running()), { timeout: 120_000 });
    await this.page.keyboard.press('Escape');
    return this.traceHash();
  }

  /** The trace hash, shown of the scenario as a whole while the run stands. */
  traceHash() {
    return until('a trace hash of 16 digits', async () => {
      const shown = await this.page.getByTestId('trace-hash').textContent({ timeout: 1000 });
      return /^[0-9a-f]{16}$/.test(shown) && shown;
    });
  }

  /** Simulated seconds shown. */
  async now() {
    const shown = await this.page.getByTestId('clock').textContent();
    const [, minutes, seconds] = shown.match(/(\d+):(\d+(?:\.\d+)?)/) ?? assert.fail(`the clock shows "${shown}"`);
    return Number(minutes) * 60 + Number(seconds);
  }

  /** Takes the run to a whole second, by the keys of the timeline's knob. */
  async seek(to) {
    const press = async (key, at) => {
      await this.page.getByTestId('position').press(key);
      await until(`the run to be at ${at} s`, async () => (await this.now()) === at);
    };
    // The engine that a visit begins with leaves questions to the fast one.
    await this.fast();
    await this.press('the run to stand', false);
    let at = 0;
    await press('Home', at);
    while (at < to) {
      const far = to - at >= 10;
      at += far ? 10 : 1;
      await press(far ? 'PageUp' : 'ArrowRight', at);
    }
  }

  /** Turns to a tab of the inspector. */
  async tab(name) {
    await this.page.locator('.inspector').getByRole('tab', { name }).click();
  }

  /** Opens the panel that is behind this button where the screen is narrow. */
  async uncover(name) {
    const button = this.page.getByRole('navigation', { name: 'Panels' }).getByRole('button', { name, exact: true });
    if (name && (await button.isVisible()) && (await button.getAttribute('aria-pressed')) === 'false') await button.click();
  }

  async running() {
    return (await this.page.getByTestId('play').getAttribute('aria-label')) === 'Pause';
  }

  /** Until the run stands, and goes on standing: a page that has just opened may be about to start by itself. */
  async pause() {
    await until('the run to stand', async () => {
      await this.press('the run to stand', false);
      await this.page.waitForTimeout(600);
      return !(await this.running());
    });
  }

  play() {
    return this.press('the run to go', true);
  }

  /** Presses play or pause until it is so. A page that has just opened may start by itself at the very moment of the
   * click, which then does the opposite: as a person would, look again and press again. */
  press(what, wanted) {
    return until(what, async () => {
      if ((await this.running()) === wanted) return true;
      await this.page.getByTestId('play').click();
      await this.page.waitForTimeout(500);
      return (await this.running()) === wanted;
    });
  }

  speed(wanted) {
    return this.page.getByTestId('speed').selectOption(String(wanted));
  }

  /** The log, line by line: when, what, of whom, in words. */
  log() {
    return this.page.getByTestId('log').locator('.entry').evaluateAll((lines) =>
      lines.map((l) => ({ at: l.dataset.at, what: l.dataset.what, of: l.dataset.of, words: l.querySelector('span').textContent })));
  }

  /** Waits for a line of the log. */
  logged(what, of, options) {
    return until(`"${what}" of ${of} in the log`, async () => (await this.log()).find((l) => l.what === what && l.of === of), options);
  }

  notice() {
    return this.page.getByTestId('notice');
  }

  /** Moves the mouse from one place to another as a hand does, with the button down. */
  async drag(from, to) {
    const { mouse } = this.page;
    await mouse.move(from.x, from.y);
    await mouse.down();
    for (let i = 1; i <= 12; i++) {
      await mouse.move(from.x + ((to.x - from.x) * i) / 12, from.y + ((to.y - from.y) * i) / 12);
    }
    await mouse.up();
  }

  /** The middle of an element, on the screen. */
  async middle(locator) {
    const box = await locator.boundingBox();
    assert.ok(box, `${locator} is not on the screen`);
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  }

  /** Drags a preset from the palette to a place on the canvas; the identifier that the new card got. */
  async dragFromPalette(stem, to) {
    const before = await this.nodes();
    await this.drag(await this.middle(this.page.getByTestId(`add-${stem}`)), to);
    return this.#added(before);
  }

  async #added(before) {
    return until('a new card', async () => (await this.nodes()).find((id) => !before.includes(id)));
  }

  /** Draws a link with the mouse, from a handle of one card onto another card. */
  async drawLink(from, to) {
    await this.card(from).hover();
    const handle = this.card(from).locator('[data-handle="right"]');
    await this.drag(await this.middle(handle), await this.middle(this.card(to)));
    await until(`the link ${from} → ${to}`, async () => (await this.links()).includes(`${from}>${to}`));
  }

  /** An empty place on the canvas that is at least a card away from every card, near a wished place. */
  async emptyPlace(near) {
    const board = await this.page.getByTestId('canvas').boundingBox();
    const taken = await Promise.all((await this.page.locator('[data-node], .legend, .minimap, .zoom, .try-this, .callout').all()).map((c) => c.boundingBox()));
    const free = ({ x, y }) => taken.filter(Boolean).every((t) => x < t.x - 90 || x > t.x + t.width + 90 || y < t.y - 50 || y > t.y + t.height + 50);
    const places = [];
    for (let x = board.x + 100; x < board.x + board.width - 100; x += 20) {
      for (let y = board.y + 60; y < board.y + board.height - 60; y += 20) places.push({ x, y });
    }
    const distance = (p) => Math.hypot(p.x - near.x, p.y - near.y);
    const found = places.filter(free).sort((a, b) => distance(a) - distance(b))[0];
    return found ?? assert.fail('there is no room on the canvas for another card');
  }
}
