// What is said of weights that are not quite those of a known network, or of none.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GradcamError } from '../../../src/lib/errors.ts';
import { safetensors } from '../../../src/model/formats/safetensors.ts';
import { recognise } from '../../../src/model/torch/recognise.ts';
import { attempt } from '../formats/loading.ts';
import { fixtures } from './logits.ts';
import { storedTensors } from './stored.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gradcam-recognise-'));
});
afterAll(() => rm(folder, { recursive: true }));

type Header = Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>;

/** Loads the small network after its header was changed; `run` is its run.json. */
async function load(change: (header: Header) => void, run: { architecture?: string } = {}, fixture = 'state-forms') {
  const bytes = await readFile(`${fixtures}${fixture}/state.safetensors`);
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as Header;
  change(header);
  const json = Buffer.from(JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(json.length));
  const changed = Buffer.concat([size, json, bytes.subarray(8 + length)]);
  return attempt(safetensors, { folder, name: 'model.safetensors', bytes: changed, run: { raw: {}, ...run } });
}

function rename(header: Header, from: string, to: string): void {
  header[to] = header[from]!;
  delete header[from];
}

describe('weights that do not fit', () => {
  test('missing ones are told with the shape that they should have', async () => {
    const error = (await load((header) => delete header['layer2.0.bn1.running_var'])) as GradcamError;
    expect(error.code).toBe('weights-do-not-fit');
    expect(error.parts.expected).toBe('layer2.0.bn1.running_var [6]');
    expect(error.parts.found).toBe('missing: layer2.0.bn1.running_var [6]');
  });

  test('those that belong to nothing are told', async () => {
    const error = (await load((header) => {
      const spare = header['fc.bias']!;
      const [, end] = Object.values(header).reduce(
        (last, { data_offsets: place }) => (place[1] > last[1] ? place : last),
        [0, 0],
      );
      header['layer1.0.attention.gate'] = { ...spare, shape: [0], data_offsets: [end, end] };
    })) as GradcamError;
    expect(error.parts.found).toBe('not part of it: layer1.0.attention.gate');
    expect(error.parts.hint).toContain('torch.onnx.export');
  });

  test('a long list is cut', async () => {
    const error = (await load((header) => {
      for (const name of Object.keys(header)) if (name.startsWith('layer3.0.')) delete header[name];
      header['layer3.0.conv1.weight'] = { dtype: 'F32', shape: [0, 0, 0, 0], data_offsets: [0, 0] };
    })) as GradcamError;
    expect(error.parts.found).toMatch(/missing: .* and \d+ more/);
  });

  test('another family in run.json fails by its names', async () => {
    const error = (await load(() => undefined, { architecture: 'densenet121' })) as GradcamError;
    expect(error.code).toBe('weights-do-not-fit');
    expect(error.parts.what).toContain('densenet121');
    expect(error.parts.found).toContain('features.conv0.weight');
  });
});

describe('names in run.json', () => {
  const shapes = { 'conv_stem.weight': [32, 3, 3, 3], 'blocks.0.0.conv_dw.weight': [32, 1, 3, 3] };

  test('another size of the same family: the weights decide, and it is said', async () => {
    const header = new Map<string, readonly number[]>();
    expect(
      await load((found) => Object.entries(found).forEach(([name, { shape }]) => header.set(name, shape ?? [])), {
        architecture: 'resnet101',
      }),
    ).toBe('model');
    header.delete('__metadata__');
    const { assumed } = recognise(storedTensors(Object.fromEntries(header)), 'm', 'resnet101');
    expect(assumed.join()).toMatch(/run.json names resnet101; the weights are those of a network of basic 1-1-1-1/);
  });

  test('an unknown one does no harm where the weights are known', async () => {
    expect(await load(() => undefined, { architecture: 'my own' })).toBe('model');
  });

  test.each(['resnetblur50', 'timm/resnetaa50.a1h_in1k'])(
    '%s looks like ResNet-50 and is not',
    async (architecture) => {
      const refused = (await load(() => undefined, { architecture })) as GradcamError;
      expect(refused.code).toBe('unknown-architecture');
      expect(refused.message).toContain('computes something else');
    },
  );

  test('an unknown one for unknown weights: the nearest names', () => {
    const call = () => recognise(storedTensors({ 'a.weight': [1] }), 'm.pth', 'resnet51');
    expect(call).toThrow(
      expect.objectContaining({
        code: 'unknown-architecture',
        message: expect.stringContaining('resnet50') as string,
      }) as Error,
    );
  });

  test('networks of others are named', () => {
    expect(() => recognise(storedTensors(shapes), 'm.pth', undefined)).toThrow(/a timm EfficientNet/);
  });
});

test('strides that nothing tells: a network of three stages is built only when it is named', async () => {
  const refused = (await load(() => undefined, {}, 'tiny-resnet')) as GradcamError;
  expect(refused.code).toBe('unknown-architecture');
  expect(refused.parts.found).toContain('ResNet of basic 1-2-1');
  expect(await load(() => undefined, { architecture: 'resnet18' }, 'tiny-resnet')).toBe('model');
});

describe('behind prefixes', () => {
  const plain = { cls_token: [1, 1, 64], pos_embed: [1, 5, 64], 'patch_embed.proj.weight': [64, 3, 8, 8] };
  const network = { ...plain, 'blocks.0.norm1.weight': [64], 'blocks.0.attn.qkv.weight': [192, 64] };
  const under = (prefix: string) =>
    Object.fromEntries(Object.entries(network).map(([name, shape]) => [prefix + name, shape]));

  test('the plain network comes before its moving average', () => {
    const { tensors, assumed } = recognise(
      storedTensors({ ...under('teacher.'), ...under('student.backbone.') }),
      'm',
      undefined,
    );
    expect(assumed.join()).toContain('"student.backbone."');
    expect(tensors.has('teacher.cls_token')).toBe(true);
  });

  test('a name that is inside and outside keeps both', () => {
    const { tensors } = recognise(storedTensors({ ...under('net.'), cls_token: [1] }), 'm', undefined);
    expect(tensors.get('cls_token')?.shape).toEqual([1, 1, 64]);
    expect(tensors.get('cls_token (outside)')?.shape).toEqual([1]);
  });
});

test('renamed classifiers are found', async () => {
  const result = await load((header) => {
    rename(header, 'fc.weight', 'head.1.weight');
    rename(header, 'fc.bias', 'head.1.bias');
  });
  expect(result).toBe('model');
});
