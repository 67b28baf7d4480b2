// Damaged Keras and TensorFlow.js models: how each format's files are damaged, and what came of loading them.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GradcamError } from '../../../src/lib/errors.ts';
import type { ModelFormat } from '../../../src/model/format.ts';
import { kerasH5 } from '../../../src/model/formats/keras-h5.ts';
import { kerasV3 } from '../../../src/model/formats/keras-v3.ts';
import { tfjsGraph } from '../../../src/model/formats/tfjs-graph.ts';
import { tfjsLayers } from '../../../src/model/formats/tfjs-layers.ts';
import { withZip } from '../../../src/model/zip.ts';
import { fixtures } from '../keras/fixtures.ts';
import { damagedBytes, damagedJson, randomFrom, type Random } from './damage.ts';
import { attempt } from './loading.ts';
import { zipOf, type Member } from './zip-writer.ts';

const NAMES = ['residual', 'efficient', 'nested', 'separable', 'mixed', 'sequential'].map((name) => `keras-${name}`);

interface Damaged {
  readonly format: ModelFormat;
  /** The model file and the files beside it. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  readonly name: string;
}

type Damage = (fixture: string, random: Random) => Damaged | Promise<Damaged>;

/** One way of damage per form of file. */
export const damages: Readonly<Record<string, Damage>> = {
  'keras archive, bytes': (fixture, random) => {
    const bytes = readFileSync(join(fixtures, fixture, 'keras3.keras'));
    return { format: kerasV3, name: 'm.keras', files: { 'm.keras': damagedBytes(bytes, random) } };
  },
  'keras archive, configuration': async (fixture, random) => {
    const members = await membersOf(join(fixtures, fixture, 'keras3.keras'));
    const changed = members.map(({ name, bytes }) => ({
      name,
      bytes: name === 'config.json' ? damagedText(bytes, random) : bytes,
    }));
    return { format: kerasV3, name: 'm.keras', files: { 'm.keras': zipOf(changed) } };
  },
  'keras archive, weights': async (fixture, random) => {
    const members = await membersOf(join(fixtures, fixture, 'keras3.keras'));
    const changed = members.map(({ name, bytes }) => ({
      name,
      bytes: name.endsWith('.h5') ? damagedBytes(bytes, random) : bytes,
    }));
    return { format: kerasV3, name: 'm.keras', files: { 'm.keras': zipOf(changed) } };
  },
  'keras hdf5, bytes': (fixture, random) => {
    const bytes = readFileSync(join(fixtures, fixture, 'keras2.h5'));
    return { format: kerasH5, name: 'm.h5', files: { 'm.h5': damagedBytes(bytes, random) } };
  },
  'layers model': (fixture, random) => damagedFolder(tfjsLayers, join(fixtures, fixture, 'layers'), random),
  'graph model': (fixture, random) => damagedFolder(tfjsGraph, join(fixtures, fixture, 'graph'), random),
};

function damagedFolder(format: ModelFormat, folder: string, random: Random): Damaged {
  const files = Object.fromEntries(
    readdirSync(folder).map((name): [string, Uint8Array] => [name, readFileSync(join(folder, name))]),
  );
  const names = Object.keys(files);
  const victim = random() < 0.8 ? 'model.json' : names[Math.floor(random() * names.length)]!;
  const bytes = files[victim]!;
  const changed = victim === 'model.json' && random() < 0.9 ? damagedText(bytes, random) : damagedBytes(bytes, random);
  return { format, name: 'model.json', files: { ...files, [victim]: changed } };
}

function damagedText(bytes: Uint8Array, random: Random): Uint8Array {
  return new TextEncoder().encode(damagedJson(new TextDecoder().decode(bytes), random));
}

function membersOf(archive: string): Promise<Member[]> {
  return withZip(archive, (zip) =>
    Promise.all(
      [...zip.members.values()].map(async (member) => ({ name: member.name, bytes: await zip.read(member, 2 ** 30) })),
    ),
  );
}

/** Damages `count` files from a seed; counts models and errors by code. Anything but an error of the user's is thrown on. */
export async function survive(
  damage: Damage,
  { count, seed, folder }: { count: number; seed: number; folder: string },
): Promise<Record<string, number>> {
  const random = randomFrom(seed);
  const results: Record<string, number> = {};
  for (let index = 0; index < count; index++) {
    const { format, name, files } = await damage(NAMES[index % NAMES.length]!, random);
    const place = join(folder, String(index));
    mkdirSync(place);
    for (const [file, bytes] of Object.entries(files)) writeFileSync(join(place, file), bytes);
    const result = await attempt(format, { folder: place, name, bytes: files[name]! });
    const key = result instanceof GradcamError ? result.code : result;
    results[key] = (results[key] ?? 0) + 1;
  }
  return results;
}
