// Whether two pictures of a page show the same, however the letters were smoothed.
//
// A picture is reduced to the average colours of small squares. A letter that moves by a pixel changes an average by an
// eighth of what lies beside it; a panel that moves by eight pixels changes it by all of that. So a square may differ by a
// share of the contrast around it: next to nothing on an empty surface, more among words.

import { PNG } from 'pngjs';

/** The side of a square, in pixels. */
export const SQUARE = 8;
/** Colours are kept in steps of so much of 255, which makes the files small. */
const STEP = 4;
/** What a square may differ by on an empty surface. */
const FLOOR = STEP;
/** The share of the contrast around it that it may differ by besides. */
const SHARE = 0.35;
/**
 * So many squares near one another may differ: a small word whose letters another machine sets closer. Letters without
 * hints, and letters a pixel further, come to 8; the bar at the top, which has little in it, moved by 8 px, to 17.
 */
const SPECKS = 12;

/** The average colours of a picture's squares, as a picture. */
export function reduced(bytes) {
  const full = PNG.sync.read(bytes);
  const small = new PNG({ width: Math.ceil(full.width / SQUARE), height: Math.ceil(full.height / SQUARE) });
  for (let y = 0; y < small.height; y++) {
    for (let x = 0; x < small.width; x++) {
      const [right, bottom] = [Math.min((x + 1) * SQUARE, full.width), Math.min((y + 1) * SQUARE, full.height)];
      const sum = [0, 0, 0];
      for (let v = y * SQUARE; v < bottom; v++) {
        for (let u = x * SQUARE; u < right; u++) for (let c = 0; c < 3; c++) sum[c] += full.data[4 * (v * full.width + u) + c];
      }
      const area = (right - x * SQUARE) * (bottom - y * SQUARE);
      small.data.set([...sum.map((s) => Math.min(255, STEP * Math.round(s / area / STEP))), 255], 4 * (y * small.width + x));
    }
  }
  return small;
}

/**
 * The regions in which a reduced picture differs from its reference, the largest first, in pixels of the page:
 * `{ x, y, width, height, squares }`. None if they show the same.
 */
export function differences(reference, taken) {
  const { width, height } = reference;
  if (taken.width !== width || taken.height !== height) {
    return [frame(Array.from({ length: taken.width * taken.height }, (_, at) => at), taken.width)];
  }
  const differs = Array.from({ length: width * height }, (_, at) => [0, 1, 2].some((c) => off(reference, taken, at, c)));
  return regions(differs, reference)
    .filter((squares) => squares.length > SPECKS)
    .map((squares) => frame(squares, width))
    .sort((a, b) => b.squares.length - a.squares.length);
}

/** Whether a colour of a square is off by more than it may be: the contrast is that of the picture with less around it. */
function off(reference, taken, at, colour) {
  const difference = Math.abs(reference.data[4 * at + colour] - taken.data[4 * at + colour]);
  if (difference <= FLOOR) return false;
  const around = near(at, reference, 1);
  const contrast = ({ data }) => {
    const all = around.map((i) => data[4 * i + colour]);
    return Math.max(...all) - Math.min(...all);
  };
  return difference > FLOOR + SHARE * Math.min(contrast(reference), contrast(taken));
}

/** The squares at most so many away from one, with itself. */
function near(at, { width, height }, reach) {
  const [x, y] = [at % width, Math.floor(at / width)];
  const steps = Array.from({ length: 2 * reach + 1 }, (_, i) => i - reach);
  const inside = (u, v) => u >= 0 && u < width && v >= 0 && v < height;
  return steps.flatMap((v) => steps.filter((u) => inside(x + u, y + v)).map((u) => (y + v) * width + x + u));
}

/** The squares that differ, those with at most one between them together. */
function regions(differs, size) {
  const left = new Set(differs.flatMap((d, at) => (d ? [at] : [])));
  const found = [];
  for (const first of left) {
    left.delete(first);
    const region = [first];
    for (const at of region) {
      for (const next of near(at, size, 2)) if (left.delete(next)) region.push(next);
    }
    found.push(region);
  }
  return found;
}

/** What lies around squares, in pixels. */
function frame(squares, width) {
  const [xs, ys] = [squares.map((s) => s % width), squares.map((s) => Math.floor(s / width))];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  const [w, h] = [Math.max(...xs) - x + 1, Math.max(...ys) - y + 1];
  return { x: x * SQUARE, y: y * SQUARE, width: w * SQUARE, height: h * SQUARE, squares };
}

/** The taken picture, pale, with the regions that differ in red. */
export function marked(bytes, found) {
  const full = PNG.sync.read(bytes);
  const across = Math.ceil(full.width / SQUARE);
  const red = new Set(found.flatMap((region) => region.squares));
  for (let at = 0; at < full.width * full.height; at++) {
    const [x, y] = [at % full.width, Math.floor(at / full.width)];
    const ink = red.has(Math.floor(y / SQUARE) * across + Math.floor(x / SQUARE)) ? [220, 0, 0] : [255, 255, 255];
    for (let c = 0; c < 3; c++) full.data[4 * at + c] = (full.data[4 * at + c] + ink[c]) / 2;
  }
  return PNG.sync.write(full);
}

/** A reduced picture as it lies in a file, and back. */
export const written = (small) => PNG.sync.write(small, { colorType: 2 });
export const read = (bytes) => PNG.sync.read(bytes);
