// Every screen looks as it did when somebody last looked at it: in both themes and at every size, against a picture in
// references/. `node visual.test.mjs --update` takes those anew that differ. Look at each, in target/visual/, before you
// commit it.

import { before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch, open, SIZES, stage } from './harness.mjs';
import { differences, marked, read, reduced, written } from './likeness.mjs';
import { Loadstone } from './page.mjs';
import { screens } from './screens.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const REFERENCES = join(HERE, 'references');
/** What was seen and is not as it should be, and where it differs. */
const SEEN = resolve(HERE, '../../target/visual');
const UPDATE = process.argv.includes('--update');
const THEMES = ['light', 'dark'];
const FONTS = join(dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')), 'ttf');

/** Those that look the same each time. */
const pictured = Object.entries(screens).filter(([, { varies }]) => !varies);

const site = stage();
before(() => {
  rmSync(SEEN, { recursive: true, force: true });
  mkdirSync(SEEN, { recursive: true });
  mkdirSync(REFERENCES, { recursive: true });
});

const file = (name, theme, { width }) => `${name.replace(/\W+/g, '-')}-${theme}-${width}`.toLowerCase();

/** A page that stands at a screen. It draws with fonts of its own: how wide words are must not depend on the machine. */
async function arrive(screen, theme, size, browser = site.browser) {
  const page = await open(browser, site.url + screen.at, { theme, size, reducedMotion: 'reduce' });
  await page.route('**/fonts/*.ttf', (route) => route.fulfill({ path: join(FONTS, route.request().url().split('/').pop()) }));
  await page.evaluate(async () => {
    const face = (family, weight, name) => new FontFace(family, `url(fonts/${name}.ttf)`, { weight }).load();
    const faces = await Promise.all([
      face('Of all machines', '100 500', 'DejaVuSans'), face('Of all machines', '501 900', 'DejaVuSans-Bold'),
      face('Menlo', '100 900', 'DejaVuSansMono'),
    ]);
    for (const loaded of faces) document.fonts.add(loaded);
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('body { font-family: "Of all machines"; }');
    document.adoptedStyleSheets = [sheet];
    // Seeds are drawn by lot.
    crypto.getRandomValues = (lots) => lots.fill(7);
  });
  await screen.visit(await new Loadstone(page).ready());
  return page;
}

/** Lets the page be of this size, as if it had been opened so. */
async function resize(page, size, sheet) {
  await page.setViewportSize(size);
  await new Loadstone(page).uncover(sheet);
  await page.mouse.move(0, 0);
  await page.evaluate(async () => {
    // The canvas learns its size with the next frame.
    for (let frames = 0; frames < 2; frames++) await new Promise(requestAnimationFrame);
    document.querySelector('.view .fit').click();
    // The port is another one at every run.
    for (const field of document.querySelectorAll('input[readonly]')) field.value = field.value.replace(/:\d+\//, ':8080/');
  });
}

/** A picture of the page once it is as wanted, or no longer changes. */
async function picture(page, wanted = () => false) {
  // Numbers are drawn three times a second.
  const CALM_MS = 500;
  for (let last; ; ) {
    const taken = await page.screenshot();
    if (wanted(taken) || last?.equals(taken)) return taken;
    last = taken;
    await page.waitForTimeout(CALM_MS);
  }
}

/** In words: how much of the page differs, where, and what is there. */
async function told(page, regions) {
  const one = async ({ x, y, width, height }) => {
    const what = await page.evaluate(([x, y]) => {
      const there = document.elementFromPoint(x, y)?.closest('dialog, section, aside, header, nav, main, [aria-label]');
      return there?.getAttribute('aria-label') ?? there?.querySelector('h2')?.textContent ?? there?.className ?? 'nothing';
    }, [x + width / 2, y + height / 2]);
    return `a region of ${width}×${height} at ${x},${y}: ${what}`;
  };
  const [first, ...others] = await Promise.all(regions.slice(0, 4).map(one));
  return [first, ...others].join('; ') + (regions.length > 4 ? `; and ${regions.length - 4} more` : '');
}

/** Holds what is on the page to its reference; what differs, in words. */
async function compare(page, name) {
  const path = join(REFERENCES, `${name}.png`);
  const reference = readdirSync(REFERENCES).includes(`${name}.png`) && read(readFileSync(path));
  const found = (taken) => differences(reference, reduced(taken));
  const taken = await picture(page, (taken) => reference && found(taken).length === 0);
  const regions = reference ? found(taken) : [];
  if (reference && regions.length === 0) return undefined;
  writeFileSync(join(SEEN, `${name}.png`), taken);
  if (UPDATE) {
    writeFileSync(path, written(reduced(taken)));
    return undefined;
  }
  if (!reference) return `${name}: there is no reference`;
  writeFileSync(join(SEEN, `${name}-differs.png`), marked(taken, regions));
  const squares = regions.reduce((sum, region) => sum + region.squares.length, 0);
  return `${name}: ${((100 * squares) / (reference.width * reference.height)).toFixed(1)} % differ: ${await told(page, regions)}`;
}

describe('every screen looks as it did', { concurrency: 2 }, () => {
  for (const [name, screen] of pictured) {
    test(name, { timeout: 180_000 }, async () => {
      const differ = [];
      let page;
      for (const theme of THEMES) {
        for (const size of screen.sizes) {
          if (page && screen.anew) await page.context().close();
          if (!page || screen.anew) page = await arrive(screen, theme, size);
          await page.emulateMedia({ colorScheme: theme });
          await resize(page, size, screen.sheet);
          differ.push(await compare(page, file(name, theme, size)));
        }
      }
      await page.context().close();
      assert.deepEqual(differ.filter(Boolean), [], 'what differs; the pictures are in target/visual/');
    });
  }
});

test('every reference is one of a screen', () => {
  const all = pictured.flatMap(([name, { sizes }]) => THEMES.flatMap((theme) => sizes.map((size) => `${file(name, theme, size)}.png`)));
  assert.deepEqual(readdirSync(REFERENCES).filter((name) => !all.includes(name)), []);
});

describe('what is seen as a difference, and what is not', { concurrency: 2 }, () => {
  const name = 'a server';
  const standing = (browser) => arrive(screens[name], 'light', SIZES[0], browser);

  /** Looks at the page while it has other looks besides its own. */
  async function dressed(page, css, look) {
    await page.evaluate((css) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
      document.adoptedStyleSheets.push(sheet);
    }, css);
    await look();
    await page.evaluate(() => document.adoptedStyleSheets.pop());
  }

  /** At every size: where the page differs from its reference, after something was done to it. */
  async function each(page, done, holds) {
    for (const size of SIZES) {
      const reference = read(readFileSync(join(REFERENCES, `${file(name, 'light', size)}.png`)));
      const seen = (taken) => differences(reference, reduced(taken));
      await resize(page, size, screens[name].sheet);
      await picture(page, (taken) => seen(taken).length === 0);
      await done(async (what) => holds(seen(await page.screenshot()), `${what}, at ${size.width}`), size);
    }
    await page.context().close();
  }

  test('panels that moved, are gone or have another colour are seen', { timeout: 180_000 }, async () => {
    const page = await standing();
    await each(page, async (look, size) => {
      for (const css of [
        '.inspector { translate: 8px 0 }', '.inspector { translate: 0 8px }', '.dock { translate: 0 -8px }', '.topbar { translate: 8px 0 }',
        '.inspector { visibility: hidden !important }', '.dock { visibility: hidden }', '.view { display: none }',
        ':root { --panel: #1a2028 }', ':root { --panel: #f6f7f9 }', '.inspector { background: #f1f4f8 }', ':root { --accent: #d55e00 }',
      ]) {
        // On a phone the inspector lies over it.
        if (size === SIZES[2] && css.startsWith('.dock')) continue;
        await dressed(page, css, () => look(css));
      }
    }, (regions, what) => assert.notDeepEqual(regions, [], what));
  });

  const nothing = (regions, what) => assert.deepEqual(regions, [], what);
  test('letters that are smoothed in another way are not', { timeout: 180_000 }, async (t) => {
    const other = await launch(['--font-render-hinting=none', '--disable-lcd-text', '--disable-font-subpixel-positioning']);
    // A browser that stays open would keep the tests from ending.
    t.after(() => other.close());
    await each(await standing(other), (look) => look('drawn without hints'), nothing);
  });

  test('letters that lie a pixel further are not', { timeout: 180_000 }, async () => {
    const page = await standing();
    await each(page, async (look) => {
      await page.evaluate(() => {
        for (const leaf of document.querySelectorAll('body :not(:has(*)):not(svg *)')) {
          leaf.classList.toggle('pushed', getComputedStyle(leaf).position === 'static');
        }
      });
      await dressed(page, '.pushed { position: relative; left: 1px; top: 1px }', () => look('a pixel further'));
    }, nothing);
  });
});
