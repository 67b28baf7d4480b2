// Ways to damage files, each from a seeded source of random numbers: bytes, JSON, pickles, protobuf, archives.
import { crc32, deflateRawSync } from 'node:zlib';

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const below = (random, limit) => Math.floor(random() * limit);
export const oneOf = (random, list) => list[below(random, list.length)];

const SIZES = [
  0n,
  1n,
  0xffn,
  0x7fffn,
  0xffffn,
  0x7fffffffn,
  0xffffffffn,
  2n ** 40n,
  2n ** 53n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
];

/** Bytes cut, flipped, overwritten with absurd sizes, moved, repeated, left out. Heads and tails, where formats keep their tables, more often. */
export function damagedBytes(bytes, random) {
  if (bytes.length === 0) return bytes;
  const copy = Uint8Array.from(bytes);
  const view = new DataView(copy.buffer);
  const place = (room = 1) => {
    const end = Math.max(1, copy.length - room + 1);
    const where = random();
    if (where < 0.3) return below(random, Math.min(end, 2048));
    if (where < 0.5) return Math.max(0, end - 1 - below(random, Math.min(end, 2048)));
    return below(random, end);
  };
  const kind = below(random, 8);
  if (kind === 0) return copy.subarray(0, place());
  if (kind === 1) {
    const [from, to, length] = [place(), place(), below(random, 512)];
    return Uint8Array.from([...copy.subarray(0, to), ...copy.subarray(from, from + length), ...copy.subarray(to)]);
  }
  if (kind === 2) {
    const from = place();
    return Uint8Array.from([...copy.subarray(0, from), ...copy.subarray(from + 1 + below(random, 64))]);
  }
  for (let times = 1 + below(random, 10); times > 0; times--) {
    if (kind <= 4) copy[place()] ^= 1 << below(random, 8);
    else if (kind === 5) copy[place()] = below(random, 256);
    else if (kind === 6 && copy.length >= 4)
      view.setUint32(place(4), Number(oneOf(random, SIZES) & 0xffffffffn), random() < 0.8);
    else if (copy.length >= 8) view.setBigUint64(place(8), oneOf(random, SIZES), random() < 0.8);
  }
  return copy;
}

const ABSURD = [
  -1,
  0,
  1,
  1e9,
  1e300,
  0.5,
  2 ** 31,
  2 ** 53,
  NaN,
  '',
  'x',
  '../../../etc/passwd',
  '/etc/passwd',
  'C:\\Windows\\win.ini',
  null,
  true,
  [],
  {},
  [[]],
  [1e9, 1e9],
  [-1, -1],
  [1, 2 ** 40],
  '__proto__',
  'constructor',
  '\u0000',
  'a'.repeat(100_000),
  Array.from({ length: 10_000 }, () => 2 ** 20),
];

/** Text of a JSON with values replaced, removed, copied elsewhere, or nested deep. */
export function damagedJson(text, random) {
  const value = JSON.parse(text);
  const places = [];
  const visit = (holder) => {
    if (typeof holder !== 'object' || holder === null) return;
    for (const key of Object.keys(holder)) {
      places.push({ holder, key });
      visit(holder[key]);
    }
  };
  visit(value);
  for (let times = 1 + below(random, 3); times > 0; times--) {
    const { holder, key } = oneOf(random, places);
    const kind = random();
    if (kind < 0.55) holder[key] = oneOf(random, ABSURD);
    else if (kind < 0.75) delete holder[key];
    else if (kind < 0.85) holder[key] = nested(holder[key], oneOf(random, [200, 2000]));
    else if (kind < 0.9) return nestedText(text, random);
    else {
      const other = oneOf(random, places);
      holder[key] = structuredClone(other.holder[other.key]);
    }
  }
  return JSON.stringify(value);
}

function nested(value, depth) {
  let result = value;
  for (let level = 0; level < depth; level++)
    result = level % 2 === 0 ? [result] : { class_name: 'Functional', config: result };
  return result;
}

/** Brackets by the hundred thousand in place of a value: a parser that calls itself runs out of stack. */
function nestedText(text, random) {
  const depth = oneOf(random, [10_000, 500_000]);
  const at = text.indexOf(':', below(random, text.length)) + 1;
  const deep = random() < 0.5 ? '['.repeat(depth) + ']'.repeat(depth) : '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);
  return text.slice(0, at) + deep + text.slice(at);
}

/** An archive of stored or deflated members; `lies` changes what its directory says of a member. */
export function zipOf(members, lies = () => ({})) {
  const parts = [];
  const directory = [];
  let at = 0;
  for (const { name, bytes, deflate = false } of members) {
    const packed = deflate ? deflateRawSync(bytes) : Buffer.from(bytes);
    const title = Buffer.from(name);
    const said = {
      crc: crc32(bytes),
      packed: packed.length,
      size: bytes.length,
      offset: at,
      method: deflate ? 8 : 0,
      ...lies(name),
    };
    const head = Buffer.alloc(30);
    head.writeUInt32LE(0x04034b50, 0);
    head.writeUInt16LE(said.method, 8);
    head.writeUInt32LE(said.crc, 14);
    head.writeUInt32LE(said.packed, 18);
    head.writeUInt32LE(said.size, 22);
    head.writeUInt16LE(title.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(said.method, 10);
    entry.writeUInt32LE(said.crc, 16);
    entry.writeUInt32LE(said.packed, 20);
    entry.writeUInt32LE(said.size, 24);
    entry.writeUInt16LE(title.length, 28);
    entry.writeUInt32LE(said.offset, 42);
    parts.push(head, title, packed);
    directory.push(entry, title);
    at += 30 + title.length + packed.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, ...directory, end]);
}

/** Members that unpack to gigabytes, sizes that are lies, members that overlap, names that leave the folder. */
export function archiveBomb(members, random) {
  const victim = below(random, members.length);
  const kind = below(random, 5);
  if (kind === 0) {
    const bytes = Buffer.alloc(oneOf(random, [64, 600]) * 2 ** 20, oneOf(random, [0, 0x28, 0x4e, 0x5b]));
    return zipOf(members.map((member, at) => (at === victim ? { ...member, bytes, deflate: true } : member)));
  }
  if (kind === 1) {
    const size = Number(oneOf(random, SIZES) & 0xffffffffn);
    return zipOf(members, (name) =>
      name === members[victim].name ? oneOf(random, [{ size }, { packed: size }, { size, packed: size }]) : {},
    );
  }
  if (kind === 2) return zipOf(members, () => ({ offset: 0 }));
  if (kind === 3)
    return zipOf(members.map((member, at) => (at === victim ? { ...member, name: `../../${member.name}` } : member)));
  return zipOf([
    ...members,
    ...Array.from({ length: 20_000 }, (_, at) => ({ name: `filler/${at}`, bytes: Buffer.alloc(0) })),
  ]);
}

/** Pickles that call things, that never end, or that name themselves: what an attacker would write. `canary`: file they would make. */
export function evilPickle(canary, random) {
  const call = (module, name, argument) => `c${module}\n${name}\n(S'${argument}'\ntR`;
  const evils = [
    () => `(dS'state_dict'\n${call('os', 'system', `touch ${canary}`)}s.`,
    () => `(dS'state_dict'\n${call('builtins', 'exec', `open("${canary}","w")`)}s.`,
    () => `(dS'state_dict'\n${call('builtins', 'eval', `__import__("os").system("touch ${canary}")`)}s.`,
    () => `(dS'state_dict'\n${call('subprocess', 'check_output', `touch ${canary}`)}s.`,
    () => `(dS'state_dict'\n${call('nt', 'system', 'calc')}s.`,
    () => `(dS'state_dict'\n${call('builtins', '__import__', 'os')}s.`,
    () => `(dS'state_dict'\nccollections\nOrderedDict\n)R(S'constructor'\nS'prototype'\nS'__proto__'\nI1\nds.`,
    () =>
      `(dS'a'\nctorch._utils\n_rebuild_tensor_v2\n((S'storage'\nctorch\nFloatStorage\nS'0'\nS'cpu'\nI999999999999\ntQI0\n(I999999\nI999999\nt(I1\nI1\ntI00\nNtRs.`,
    () => `${'('.repeat(oneOf(random, [1000, 3_000_000]))}N.`,
    () => `${']'.repeat(500_000)}${'a'.repeat(499_999)}.`,
    () => `(lp0\n${'(g0\nlp0\n'.repeat(100_000)}.`,
    () => `(lp0\ng0\na.`,
    () => `L${'9'.repeat(oneOf(random, [1000, 2_000_000]))}L\n.`,
    () => `\x8b\xff\xff\xff\x7f.`,
    () => `X\xff\xff\xff\xffabc.`,
    () => `ios\nsystem\n(S'touch ${canary}'\no.`,
    () => `(S'touch ${canary}'\nios\nsystem\n.`,
    () => `cbuiltins\ngetattr\n(cos\nsystem\nS'__call__'\ntR(S'touch ${canary}'\ntR.`,
  ];
  return Buffer.from(oneOf(random, evils)(), 'latin1');
}

/** Protobuf: fields within fields within fields, lengths beyond everything, varints without end. */
export function evilProtobuf(bytes, random) {
  const kind = below(random, 4);
  if (kind === 0) {
    let inner = Buffer.from([0x0a, 0x00]);
    const tag = oneOf(random, [0x0a, 0x2a, 0x32, 0x3a]);
    for (let depth = oneOf(random, [100, 5000]); depth > 0; depth--)
      inner = Buffer.concat([Buffer.from([tag]), varint(inner.length), inner]);
    return Buffer.concat([bytes, Buffer.from([0x3a]), varint(inner.length), inner]);
  }
  if (kind === 1) return Buffer.concat([bytes, Buffer.from([0x3a]), varint(Number(oneOf(random, SIZES) % 2n ** 53n))]);
  if (kind === 2) return Buffer.concat([bytes, Buffer.alloc(64, 0xff)]);
  return Buffer.concat([bytes, bytes, bytes]);
}

function varint(value) {
  const out = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) out.push((rest % 128) | 128);
  return Buffer.from([...out, rest]);
}
