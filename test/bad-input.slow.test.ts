// One bad thing among good ones: it is named, the rest is done, nothing is lost.
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compare } from '../src/compare.ts';
import { int, ints } from '../src/graph/attributes.ts';
import { GraphBuilder } from '../src/graph/builder.ts';
import { constantOf } from '../src/graph/tensor.ts';
import { saveModel } from '../src/onnx/save.ts';
import type { Report } from '../src/report/report.ts';

let work: string;
const at = (...parts: string[]): string => join(work, ...parts);
const sample = (name: string): string => `samples/${name}.jpg`;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'gradcam-bad-'));
});
afterAll(() => rm(work, { recursive: true, force: true }));

const explain = (models: string[], images: string[], more = {}): Promise<Report> =>
  compare({ models, images, out: at('out'), engine: 'cpu', ...more });

/** conv 3x3 -> relu -> global pool -> linear, on 8 x 8 pictures, with weights of the caller's making. */
async function tinyModel(
  folder: string,
  classes: string[],
  weights: { conv?: number; head?: (index: number) => number } = {},
): Promise<string> {
  const b = new GraphBuilder();
  const image = b.input('image', { dtype: 'float32', shape: [null, 3, 8, 8] });
  const w = b.constant(
    constantOf(
      'float32',
      [4, 3, 3, 3],
      Array.from({ length: 108 }, (_, i) => weights.conv ?? Math.sin(i + 1) / 3),
    ),
    'conv.weight',
  );
  const head = b.constant(
    constantOf(
      'float32',
      [classes.length, 4],
      Array.from({ length: classes.length * 4 }, (_, i) => weights.head?.(i) ?? Math.cos(i)),
    ),
    'fc.weight',
  );
  const [conv] = b.node('Conv', [image, w], { kernel_shape: ints([3, 3]), pads: ints([1, 1, 1, 1]) });
  const [relu] = b.node('Relu', [conv!]);
  const [pool] = b.node('GlobalAveragePool', [relu!]);
  const [flat] = b.node('Flatten', [pool!]);
  const [logits] = b.node('Gemm', [flat!, head], { transB: int(1) });
  await mkdir(at(folder), { recursive: true });
  await saveModel(
    b.finish([{ name: logits!, type: { dtype: 'float32', shape: [null, classes.length] } }]),
    at(folder, 'model.onnx'),
  );
  await writeFile(at(folder, 'run.json'), JSON.stringify({ classes, input: { size: [8, 8] } }));
  return at(folder);
}

describe('pictures', () => {
  test('broken ones are named and skipped, the good one is done', async () => {
    const folder = at('pictures');
    await mkdir(folder);
    const jpeg = await readFile(sample('SYN_0001'));
    await copyFile(sample('SYN_0002'), join(folder, 'good.jpg'));
    await writeFile(join(folder, 'truncated.jpg'), jpeg.subarray(0, jpeg.length / 2));
    await writeFile(
      join(folder, 'corrupt.jpg'),
      Buffer.concat([jpeg.subarray(0, 3000), Buffer.alloc(4000, 0xa5), jpeg.subarray(7000)]),
    );
    await writeFile(join(folder, 'empty.png'), '');
    await writeFile(join(folder, 'text.jpg'), 'this is not a picture');
    // A PNG that says it has 20,000 x 20,000 pixels, with one row of them.
    await writeFile(
      join(folder, 'huge.png'),
      Buffer.from(
        '89504e470d0a1a0a0000000d4948445200004e2000004e2008020000006c12d16e0000005149444154789cedc13101000000c2a0f54f6d0d0fa000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000ce0cea610001b7c17dd70000000049454e44ae426082',
        'hex',
      ),
    );
    const report = await explain(['runs/ce'], [folder]);
    expect(report.samples.map((one) => one.id)).toEqual(['good']);
    expect(report.cells[0]?.overlay).not.toBeNull();
    expect(report.skipped.map(({ path }) => path.split('/').at(-1)).sort()).toEqual([
      'corrupt.jpg',
      'empty.png',
      'huge.png',
      'text.jpg',
      'truncated.jpg',
    ]);
    for (const { path, reason } of report.skipped) expect(reason).toContain(path);
    expect(report.skipped.find(({ path }) => path.includes('huge'))?.reason).toMatch(/20,?000 x 20,?000/);
  });

  test('two samples of one name stay two', async () => {
    for (const [folder, name] of [
      ['one', 'SYN_0001'],
      ['two', 'SYN_0002'],
    ] as const) {
      await mkdir(at(folder));
      await copyFile(sample(name), at(folder, 'scan.jpg'));
    }
    const report = await explain(['runs/ce'], [at('one'), at('two')]);
    expect(new Set(report.samples.map((one) => one.id)).size).toBe(2);
    expect(new Set(report.cells.map((cell) => cell.map)).size).toBe(2);
  });

  test('names with spaces, quotes, Unicode and <script>', async () => {
    const names = ['a b.jpg', `it's "quoted".jpg`, 'Läsion 病変 🔬.jpg', '<script>alert(1)<.jpg', '100% #1 ?.jpg'];
    await mkdir(at('odd names'));
    for (const name of names) await copyFile(sample('SYN_0001'), at('odd names', name));
    const report = await explain(['runs/ce'], [at('odd names')]);
    expect(report.cells).toHaveLength(names.length);
    for (const cell of report.cells) expect((await readFile(at('out', cell.overlay!))).length).toBeGreaterThan(1000);
    const page = await readFile(at('out', 'report.html'), 'utf8');
    expect(page).not.toContain('<script>alert(1)');
  });
});

describe('models', () => {
  const picture = [sample('SYN_0001')];

  test('one without a convolution is skipped, the other done', async () => {
    const b = new GraphBuilder();
    const image = b.input('image', { dtype: 'float32', shape: [null, 3, 8, 8] });
    const w = b.constant(constantOf('float32', [192, 3], new Float32Array(576).fill(0.1)));
    const [flat] = b.node('Flatten', [image]);
    const [logits] = b.node('Gemm', [flat!, w]);
    await saveModel(b.finish([{ name: logits!, type: { dtype: 'float32', shape: [null, 3] } }]), at('mlp.onnx'));
    const report = await explain([at('mlp.onnx'), 'runs/ce'], picture);
    expect(report.runs.map((run) => run.id)).toEqual(['ce']);
    expect(report.skipped[0]?.reason).toMatch(/no feature map between its image and its logits/);
  });

  test('classes in another order or number are matched by name, and said', async () => {
    const nv = await tinyModel('few', ['nv', 'mel']);
    const report = await explain([nv, 'runs/ce'], [sample('SYN_0011')], { labels: 'samples/labels.csv' });
    expect(report.cells.map((cell) => cell.target)).toEqual([
      { index: 0, name: 'nv' },
      { index: 5, name: 'nv' },
    ]);
    expect(report.warnings.join()).toMatch(/matched by name/);
    const lacking = await explain([nv, 'runs/ce'], [sample('SYN_0001')], { labels: 'samples/labels.csv' });
    expect(lacking.cells[0]?.note).toMatch(/no class "akiec"/);
    expect(lacking.cells[1]?.target?.name).toBe('akiec');
  });

  test('NaN weights give a note, not a map', async () => {
    const report = await explain([await tinyModel('nan', ['a', 'b'], { conv: NaN }), 'runs/ce'], picture);
    expect(report.cells[0]).toMatchObject({ map: null, overlay: null, predicted: null, range: null });
    expect(report.cells[0]?.note).toMatch(/NaN/);
    expect(report.cells[1]?.map).not.toBeNull();
  });

  test('a map that is zero is said to be, and drawn', async () => {
    const report = await explain([await tinyModel('zero', ['a', 'b'], { head: () => -1 })], picture);
    expect(report.cells[0]?.note).toMatch(/map is zero/);
    expect(report.cells[0]?.range).toEqual([0, 0]);
    expect(report.cells[0]?.overlay).not.toBeNull();
  });

  test('weights in a file that is missing, or outside the folder', async () => {
    const fixture = 'test/fixtures/tiny-resnet/dynamo-external.onnx';
    const bytes = await readFile(fixture);
    await mkdir(at('external'));
    await writeFile(at('external', 'model.onnx'), bytes);
    const missing = await explain([at('external'), 'runs/ce'], picture);
    expect(missing.skipped[0]?.reason).toContain('dynamo-external.onnx.data');
    const name = 'dynamo-external.onnx.data';
    const outside = Buffer.from(
      bytes.toString('latin1').replaceAll(name, '../'.repeat(8).slice(0, name.length - 3) + 'etc'),
      'latin1',
    );
    await writeFile(at('external', 'model.onnx'), outside);
    const leaving = await explain([at('external'), 'runs/ce'], picture);
    expect(leaving.skipped[0]?.reason).toMatch(/outside|leaves|folder/);
    expect(leaving.cells).toHaveLength(1);
  });

  test('a model.json that names shards outside its folder', async () => {
    await mkdir(at('shards'));
    const good = JSON.parse(await readFile('test/fixtures/keras-residual/layers-uint8/model.json', 'utf8')) as {
      weightsManifest: { paths: string[] }[];
    };
    good.weightsManifest[0]!.paths = ['../secret.bin'];
    await writeFile(at('secret.bin'), Buffer.alloc(4));
    await writeFile(at('shards', 'model.json'), JSON.stringify(good));
    const report = await explain([at('shards'), 'runs/ce'], picture);
    expect(report.skipped[0]?.reason).toMatch(/secret\.bin/);
    expect(report.cells).toHaveLength(1);
  });
});

test('an output folder that is a file is refused before any work', async () => {
  await writeFile(at('file'), '');
  await expect(compare({ models: ['runs/ce'], images: [sample('SYN_0001')], out: at('file') })).rejects.toMatchObject({
    name: 'GradcamError',
  });
});
