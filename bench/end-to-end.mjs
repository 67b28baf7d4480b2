// Whole commands: how much of `compare` is inference, how soon the first map is on disk, whether memory grows with pictures.
//   node bench/end-to-end.mjs --models DIR --reference DIR [--against DIR] [--rounds N]
// prints the tables of RESULTS.md by themselves (see the head of run.mjs). --against: another compiled clone, turn by turn.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { median, table } from './measure.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));
/** Runs the command line; resolves with wall time, peak memory and what the command said of itself. */
export function command(args, { onStart, root: clone = root } = {}) {
  const report = join(tmpdir(), `gradcam-peak-${process.pid}-${Math.random().toString(36).slice(2)}`);
  const started = performance.now();
  const child = spawn(
    process.execPath,
    ['--import', join(root, 'bench/peak.mjs'), join(clone, 'bin/gradcam.js'), ...args],
    { env: { ...process.env, GRADCAM_BENCH_PEAK: report }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let stdout = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  onStart?.(started);
  return new Promise((done, fail) => {
    child.on('exit', async (code) => {
      const wall = performance.now() - started;
      if (code !== 0) return fail(new Error(`gradcam ${args.join(' ')} ended with ${code}`));
      const peakMb = Number(await readFile(report, 'utf8')) / 1024;
      await rm(report, { force: true });
      done({ wall, peakMb, stdout });
    });
  });
}

/** 600 x 450 JPEGs cut from the photographs, all different. */
export async function photographs(sources, count, folder) {
  await mkdir(folder, { recursive: true });
  for (let index = 0; index < count; index++) {
    const source = sources[index % sources.length];
    const turn = (index / sources.length) | 0;
    await sharp(source)
      .resize(660, 500, { fit: 'fill' })
      .extract({ left: (turn * 7) % 60, top: (turn * 5) % 50, width: 600, height: 450 })
      .jpeg({ quality: 92 })
      .toFile(join(folder, `photo_${String(index).padStart(4, '0')}.jpg`));
  }
  return folder;
}

/**
 * Share of the wall time of `compare` that is inference, for 4 runs and 64 photographs: timings.inferenceMs, the union of the
 * intervals in which a session computes, measured in the thread that it computes in. `against`: other clones, turn by turn.
 */
export async function inferenceShare(models, sources, { rounds = 3, against = [] } = {}) {
  const work = await mkdtemp(join(tmpdir(), 'gradcam-bench-'));
  const rows = [];
  try {
    const images = await photographs(sources, 64, join(work, 'photos'));
    for (const model of models) {
      const runs = [];
      for (const name of ['a', 'b', 'c', 'd']) {
        await mkdir(join(work, basename(model), name), { recursive: true });
        await symlink(resolve(model), join(work, basename(model), name, 'model.onnx'));
        runs.push(join(work, basename(model), name));
      }
      const results = new Map([root, ...against].map((clone) => [clone, []]));
      for (let round = 0; round < rounds; round++)
        for (const [clone, own] of results) {
          const args = [
            'compare',
            '--models',
            ...runs,
            '--images',
            images,
            '--target',
            '7',
            '--quiet',
            '--json',
            '--out',
            join(work, 'out'),
          ];
          const { wall, peakMb, stdout } = await command(args, { root: clone });
          const { timings } = JSON.parse(stdout);
          own.push({
            wall,
            peakMb,
            inference: timings.inferenceMs,
            share: timings.inferenceMs / wall,
            shareOfMaps: timings.inferenceMs / timings.mapsMs,
          });
        }
      for (const [clone, own] of results) {
        const of = (key) => median(own.map((result) => result[key]));
        const seconds = (key) => `${(of(key) / 1000).toFixed(2)} s`;
        const percent = (key) => `${(100 * of(key)).toFixed(1)} %`;
        const name = clone === root ? basename(model) : `${basename(model)}, ${basename(clone)}`;
        rows.push([
          name,
          seconds('wall'),
          seconds('inference'),
          percent('share'),
          percent('shareOfMaps'),
          `${(of('peakMb') / 1000).toFixed(2)} GB`,
        ]);
        process.stderr.write(`${rows.at(-1).join('  ')}\n`);
      }
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return table(
    [
      '4 runs of',
      'process start to end',
      'engine at work',
      'share of the process',
      'share from the first batch',
      'peak memory',
    ],
    rows,
  );
}

/** Process start to the first .npy on disk, beside the start of Node itself. */
export async function firstMap(model, image, { rounds = 7 } = {}) {
  const times = { node: [], first: [], all: [] };
  for (let round = 0; round < rounds; round++) {
    const started = performance.now();
    await new Promise((done) => spawn(process.execPath, ['-e', '0']).on('exit', done));
    times.node.push(performance.now() - started);
    const out = await mkdtemp(join(tmpdir(), 'gradcam-first-'));
    await mkdir(join(out, 'maps'));
    let first;
    let begin;
    const check = async () => {
      for (const folder of await readdir(join(out, 'maps')))
        if ((await readdir(join(out, 'maps', folder))).some((name) => name.endsWith('.npy')))
          first ??= performance.now() - begin;
    };
    const timer = setInterval(() => void check(), 5);
    const { wall } = await command(['explain', model, image, '--quiet', '--out', out], {
      onStart: (at) => (begin = at),
    });
    clearInterval(timer);
    await check();
    times.first.push(first);
    times.all.push(wall);
    await rm(out, { recursive: true, force: true });
  }
  const s = (values) => `${(median(values) / 1000).toFixed(2)} s`;
  return table(
    ['', 'median'],
    [
      ['Node by itself', s(times.node)],
      ['process start to the first map on disk', s(times.first)],
      ['process start to the end, report written', s(times.all)],
    ],
  );
}

/** Peak memory for few and for many pictures. */
export async function memory(model, sources, counts = [32, 128, 512, 2048]) {
  const work = await mkdtemp(join(tmpdir(), 'gradcam-memory-'));
  const rows = [];
  try {
    for (const count of counts) {
      const images = await photographs(sources, count, join(work, String(count)));
      const { peakMb } = await command([
        'compare',
        '--models',
        model,
        '--images',
        images,
        '--quiet',
        '--out',
        join(work, 'out'),
      ]);
      rows.push([count, `${peakMb.toFixed(0)} MB`]);
      process.stderr.write(`${rows.at(-1).join('  ')}\n`);
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return table(['pictures', 'peak memory'], rows);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const options = {
    models: { type: 'string' },
    reference: { type: 'string' },
    against: { type: 'string', multiple: true },
    rounds: { type: 'string', default: '3' },
  };
  const { models, reference, against, rounds } = parseArgs({ options }).values;
  const photos = (await readdir(join(reference, 'photos'))).map((name) => join(reference, 'photos', name));
  const files = ['resnet50', 'efficientnet_v2_s'].map((name) => join(models, `${name}.onnx`));
  process.stdout.write(
    `${await inferenceShare(files, photos, { rounds: Number(rounds), against: against?.map((clone) => resolve(clone)) })}\n`,
  );
  process.stdout.write(`\n${await firstMap(reference, photos[0])}\n\n${await memory(join(root, 'runs/ce'), photos)}\n`);
}
