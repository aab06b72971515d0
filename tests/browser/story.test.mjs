// A failover as a story: the primary of three databases crashes, and what follows is seen on the canvas, told by the log and
// said aloud, each in its order.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { assertQuiet, shot, stage, until } from './harness.mjs';
import { Loadstone } from './page.mjs';
import { run } from './native.mjs';

const site = stage();

/** Remembers, once a frame of the screen, whatever is new on cards and notes, and what is said aloud. */
const listen = (page) => page.evaluate(() => {
  globalThis.heard = { seen: [], said: [] };
  const add = (list, words) => {
    if (words && list.at(-1) !== words && !list.includes(words)) list.push(words);
  };
  const look = () => {
    for (const card of document.querySelectorAll('[data-node]')) add(globalThis.heard.seen, card.textContent);
    for (const note of document.querySelectorAll('.callout')) add(globalThis.heard.seen, note.textContent);
    const said = document.querySelector('[data-testid="said-aloud"]').textContent;
    if (said && globalThis.heard.said.at(-1) !== said) globalThis.heard.said.push(said);
    requestAnimationFrame(look);
  };
  look();
});

/** Each of the patterns is found, each after the one before; says which one is not. */
function assertInOrder(what, told, patterns) {
  let from = 0;
  for (const pattern of patterns) {
    const place = told.slice(from).findIndex((words) => pattern.test(words));
    assert.ok(place >= 0, `${what}: nothing like ${pattern} after the ${from} first of\n${told.join('\n')}`);
    from += place;
  }
}

test('probes miss, one is elected and promoted, writes are lost, servers reconnect, a fresh machine copies and serves', { timeout: 240_000 }, async () => {
  const page = await site.open();
  const app = await new Loadstone(page).ready();
  await page.getByTestId('examples').click();
  await page.getByRole('button', { name: /Primary with replicas/ }).click();
  await until('the example', async () => (await app.nodes()).length === 5);
  // At a second when some writes have not been copied yet, which is not so at every moment.
  await app.seek(8);
  await listen(page);
  await app.select('db1');
  await page.keyboard.press('x');
  await app.play();
  await app.logged('crash', 'db1');
  await app.logged('serving', 'db1', { timeout: 60_000 });
  const last = /Database 1 has all the data and serves reads/;
  await until('the end of the story to be said aloud', () => page.evaluate((words) => globalThis.heard.said.some((s) => s.includes(words)), last.source));
  await app.pause();
  await shot(page, 'story');

  const log = await app.log();
  const story = log.filter((l) => l.what !== 'detected_up').map((l) => `${l.what} ${l.of}`);
  const successor = story.find((l) => l.startsWith('promoted')).split(' ')[1];
  assert.deepEqual(story, [
    'crash db1', 'detected_down db1', `elected ${successor}`, `promoted ${successor}`, 'reconnected web1', 'replaced db1', 'copying db1', 'serving db1',
  ], 'the log tells the story in its order');
  const { seen, said } = await page.evaluate(() => globalThis.heard);
  const name = { db2: 'Database 2', db3: 'Database 3' }[successor];
  assertInOrder('on the canvas', seen, [
    /Database 1.*crashed/, /^Probe: 1 of 3 missed/, /^Probe: 2 of 3 missed/, new RegExp(`${name}.*takes over`), new RegExp(`${name}.*primary`),
    /Database 1.*copying/, /Database 1.*replica/,
  ]);
  assertInOrder('said aloud', said, [
    /Database 1 crashed/, /Database 1 is down/, /was chosen as the new primary/, /acknowledged writes? (is|are) lost/, /Web server has reconnected/,
    /fresh machine|copies the data/, last,
  ]);

  const { report } = run(await app.share());
  assert.ok(report.requests.writes_lost > 0, 'writes were lost');
  const named = report.log.find((l) => l.what === 'promoted').writes_lost;
  assert.equal(named, report.requests.writes_lost, 'the log names as many as the report counts');
  assert.match(log.find((l) => l.what === 'promoted').words, new RegExp(`\\b${named}\\b`), 'so does the page');
  assertQuiet(page);
  await page.context().close();
});
