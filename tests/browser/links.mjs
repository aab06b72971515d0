// Links as an attacker would write them: well-formed where the page checks first, poisoned behind that.

import { deflateRawSync } from 'node:zlib';

const MASK = (1n << 64n) - 1n;

/** The mixing step of the check sum: SplitMix64's finalizer over the sum. */
function mix(hash, word) {
  let z = ((hash ^ word) + 0x9e3779b97f4a7c15n) & MASK;
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK;
  return z ^ (z >> 31n);
}

function checkSum(version, body) {
  let hash = mix(BigInt(version), BigInt(body.length));
  for (let at = 0; at < body.length; at += 8) {
    const word = Buffer.alloc(8);
    body.copy(word, 0, at, Math.min(at + 8, body.length));
    hash = mix(hash, word.readBigUInt64LE());
  }
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(Number(hash & 0xffffffffn));
  return sum;
}

/** A fragment whose envelope is in order, around any deflated body. */
export function forge(body, version = 1) {
  return Buffer.concat([Buffer.from([version]), checkSum(version, body), body]).toString('base64url');
}

const varint = (n) => {
  const bytes = [];
  for (; n > 127; n = Math.floor(n / 128)) bytes.push((n % 128) | 128);
  return [...bytes, n];
};
const text = (words) => [7, ...varint(Buffer.byteLength(words)), ...Buffer.from(words)];

/** A packed document with one field, `nodes`, of a million nothings. */
function millionNodes() {
  const head = [11, 1, ...text('nodes').slice(1), 10, ...varint(1_000_000)];
  return deflateRawSync(Buffer.concat([Buffer.from(head), Buffer.alloc(1_000_000)]), { level: 9 });
}

/** Lists within lists, far deeper than any document. */
const deep = () => deflateRawSync(Buffer.alloc(200_000, Buffer.from([10, 1])), { level: 9 });

/** Each with what makes it hostile; `good` is the fragment of a real document. */
export function hostile(good) {
  const flipped = Buffer.from(good, 'base64url');
  flipped[flipped.length >> 1] ^= 0x10;
  return {
    'cut in the middle': good.slice(0, good.length >> 1),
    'cut to a few characters': good.slice(0, 5),
    'with one bit flipped': flipped.toString('base64url'),
    'with characters that no link has': `${good.slice(0, 40)}<script>alert(1)</script>`,
    'of an unknown version': forge(deflateRawSync(Buffer.from([0])), 200),
    'that is no deflated data': forge(Buffer.alloc(500, 0xff)),
    'that inflates to thirty megabytes': forge(deflateRawSync(Buffer.alloc(30_000_000), { level: 9 })),
    'with a million nodes': forge(millionNodes()),
    'nested a hundred thousand deep': forge(deep()),
    'of random bytes': forge(deflateRawSync(Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919 + 13) % 251)))),
    'longer than 64 kB': 'A'.repeat(70_000),
  };
}
