// What axe-core finds against WCAG 2.2 AA, as far as a program can tell.

import axe from 'axe-core';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

export async function violations(page) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate((tags) => globalThis.axe.run({ runOnly: { type: 'tag', values: tags } }), RULES);
  // Rules that axe-core itself calls experimental take a card's lines for one label.
  const settled = violations.filter((v) => !v.tags.includes('experimental'));
  return settled.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(' ')}: ${n.failureSummary?.split('\n')[1]?.trim()}`));
}
