// What the browser keeps: several documents, two tabs on one of them, and messages that take back what they tell of.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { assertQuiet, stage, until } from './harness.mjs';
import { Loadstone } from './page.mjs';
import { fragment } from './native.mjs';

const site = stage();

const SMALL = {
  loadstone: 1, name: 'Small', seed: 1, run_s: 20,
  nodes: [
    { id: 'users', kind: 'users', at: [0, 0], params: { rate_rps: 5 } },
    { id: 'web', kind: 'server', at: [300, 0] },
  ],
  links: [{ from: 'users', to: 'web' }],
};

async function opened() {
  const app = await new Loadstone(await site.open(`#${fragment(SMALL)}`)).ready();
  await app.pause();
  return app;
}

/** Names in the menu of documents: those that are kept besides the one on the screen. */
async function kept(app) {
  await app.page.getByTestId('document-menu').click();
  const menu = app.page.getByRole('menu', { name: 'Documents' });
  await menu.waitFor();
  const names = await menu.locator('.kept [role=menuitem]:first-child span').allTextContents();
  await app.page.keyboard.press('Escape');
  await menu.waitFor({ state: 'detached' });
  return names.map((n) => n.trim());
}

/** Gives a card another name by keyboard. */
async function rename(app, id, name) {
  await app.select(id);
  await app.page.keyboard.press('F2');
  await app.page.keyboard.type(name);
  await app.page.keyboard.press('Enter');
  await until(`${id} to be called ${name}`, async () => (await app.name(id)) === name);
}

const saved = (page) => page.evaluate(() =>
  Object.entries(localStorage).filter(([key]) => key.startsWith('loadstone.document.')).map(([, text]) => text));

test('two tabs on one document: neither overwrites the other, and both are told', { timeout: 60_000 }, async () => {
  const one = await opened();
  await until('the document to be kept', async () => (await saved(one.page)).length === 1);
  const second = await one.page.context().newPage();
  await second.goto(site.url);
  const two = await new Loadstone(second).ready();
  assert.deepEqual(await two.nodes(), await one.nodes(), 'the second tab opens the same document');
  await two.pause();

  await rename(one, 'web', 'From the first');
  await until('the second tab to be told', async () => /changed in another tab/.test(await two.notice().textContent()));
  await rename(two, 'web', 'From the second');
  await until('both to be kept', async () => {
    const all = await saved(second);
    return all.length === 2 && ['first', 'second'].every((n) => all.some((text) => text.includes(`From the ${n}`)));
  });
  assert.match(await two.notice().textContent(), /yours is a document of its own now/);
  assert.equal(await one.name('web'), 'From the first', 'the first tab shows its own');
  assert.equal((await kept(two)).length, 1, 'the other one is in the menu');

  // From now on each has its own.
  await rename(one, 'web', 'First again');
  await until('the first to be kept where it was', async () => {
    const all = await saved(second);
    return all.length === 2 && all.some((text) => text.includes('First again')) && all.some((text) => text.includes('From the second'));
  });
  assertQuiet(one.page);
  await one.page.context().close();
});

test('what was deleted comes back by the message that tells of it', { timeout: 60_000 }, async () => {
  const app = await opened();
  await app.select('web');
  await app.page.keyboard.press('Delete');
  await until('the card to be gone', async () => !(await app.nodes()).includes('web'));
  await app.page.getByTestId('remedy').click();
  await until('card and link to be back', async () =>
    (await app.nodes()).includes('web') && (await app.links()).includes('users>web'));
  assert.equal(await app.notice().count(), 0, 'the message has gone');

  // Once more was done, the message does not undo something else.
  await app.select('web');
  await app.page.keyboard.press('Delete');
  await app.page.getByTestId('remedy').waitFor();
  await rename(app, 'users', 'Later');
  await app.page.getByTestId('remedy').click();
  await until('words instead', async () => /undo takes back one step after the other/.test(await app.notice().textContent()));
  assert.equal(await app.name('users'), 'Later');
  assertQuiet(app.page);
  await app.page.context().close();
});

test('a document is duplicated, forgotten and put back', { timeout: 60_000 }, async () => {
  const app = await opened();
  await app.page.getByTestId('document-menu').click();
  await app.page.getByRole('menuitem', { name: 'Duplicate the document' }).click();
  await until('a copy on the screen', async () => /copy of “Small”/.test(await app.notice().textContent()));
  await until('both to be kept', async () => (await saved(app.page)).length === 2);
  assert.deepEqual(await kept(app), ['Small']);
  await rename(app, 'web', 'Of the copy');
  await until('only the copy to change', async () => {
    const all = await saved(app.page);
    return all.filter((text) => text.includes('Of the copy')).length === 1 && all.length === 2;
  });

  await app.page.getByTestId('document-menu').click();
  await app.page.getByRole('menuitem', { name: 'Forget Small' }).click();
  await until('one to be kept', async () => (await saved(app.page)).length === 1);
  await app.page.keyboard.press('Escape');
  await app.page.getByTestId('remedy').click();
  await until('both to be kept again', async () => (await saved(app.page)).length === 2);
  assert.deepEqual(await kept(app), ['Small']);
  assertQuiet(app.page);
  await app.page.context().close();
});
