// Every classifier of torchvision by the names and shapes of its weights alone: recognised as what it is, each weight used,
// every shape in its graph sound, the classes at its end.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { infer } from '../../../src/graph/infer.ts';
import { families } from '../../../src/model/torch/architectures.ts';
import { Network } from '../../../src/model/torch/network.ts';
import { architectureNames, recognise, weightsOf } from '../../../src/model/torch/recognise.ts';
import { storedTensors } from './stored.ts';

type Shapes = Readonly<Record<string, readonly number[]>>;

const file = new URL('../../fixtures/torchvision-weights.json.gz', import.meta.url);
const known = JSON.parse(gunzipSync(readFileSync(file)).toString()) as Readonly<Record<string, Shapes>>;
/** timm's DeiT has the weights of its ViT of the same size; both distilled and plain ones do. */
const ALSO_CALLED: Readonly<Record<string, string | null>> = {
  'timm deit_small_patch16_224': 'vit_small_patch16_224',
  'timm deit_tiny_distilled_patch16_224': 'vit_tiny_patch16_224',
  'timm vit_base_patch16_clip_224': 'vit_base_patch16_224',
  'timm vit_small_patch14_reg4_dinov2': null,
};

describe.each(Object.entries(known))('%s', (name, shapes) => {
  const plain = name.replace('timm ', '');
  // These do not tell their padding, and are built only where they are named.
  const isNamed = name !== plain && /efficientnet|mobilenet/.test(name);
  const recognised = recognise(storedTensors(shapes), name, isNamed ? plain : undefined);

  test('is recognised', () => {
    expect(recognised.variant).toBe(name in ALSO_CALLED ? ALSO_CALLED[name] : plain);
  });

  test('is built from all its weights, into a sound graph', () => {
    const { family, variant, tensors } = recognised;
    const net = new Network(weightsOf(tensors));
    const size = family.inputSize?.(net.weights) ?? [224, 224];
    const logits = family.build(net, net.input('input', [2, 3, ...size]), variant);
    const unused = [...tensors.keys()].filter((key) => !net.used.has(key) && !family.ignored?.test(key));
    expect(net.problems).toEqual([]);
    expect(unused).toEqual([]);
    expect(logits.shape).toEqual([2, 1000]);
    const { graph, problems } = infer(net.finish(logits));
    expect(problems.map(({ node, message }) => `${node.outputs[0]}: ${message}`)).toEqual([]);
    expect(graph.types.get(logits.name)).toEqual({ dtype: 'float32', shape: [2, 1000] });
    const untyped = graph.nodes
      .flatMap((node) => node.outputs)
      .filter((value) => !graph.types.get(value)?.shape?.every((dim) => dim !== null));
    expect(untyped).toEqual([]);
  });
});

test('each name in the table belongs to a network that is checked here', () => {
  const checked = Object.keys(known).map((name) => name.replace('timm ', ''));
  const unchecked = architectureNames().filter((name) => !checked.includes(name));
  // Sizes of timm's transformers differ in width and depth only; `small` is our own, checked where it is trained.
  expect(unchecked.filter((name) => name !== 'small' && !/^(vit|deit)_.*_patch/.test(name))).toEqual([]);
  expect(new Set(families.map((family) => family.id)).size).toBe(families.length);
});

test("timm's EfficientNets are asked for by name, since nothing tells their padding", () => {
  const stored = storedTensors(known['timm tf_efficientnet_b0']!);
  expect(() => recognise(stored, 'model.pth', undefined)).toThrow(
    /do not tell whether it pads(.|\n)*efficientnet_b0, tf_efficientnet_b0(.|\n)*"architecture"/,
  );
  expect(recognise(stored, 'model.pth', 'timm/tf_efficientnet_b0.ns_jft_in1k').variant).toBe('tf_efficientnet_b0');
  expect(recognise(stored, 'model.pth', 'tf_efficientnet_b0_ns').variant).toBe('tf_efficientnet_b0');
});

test("a name of two libraries is that of the weights' own", () => {
  expect(recognise(storedTensors(known['timm efficientnet_b0']!), 'm', 'efficientnet_b0').family.library).toBe('timm');
  expect(recognise(storedTensors(known['efficientnet_b0']!), 'm', 'efficientnet_b0').family.library).toBeUndefined();
});

test.each([
  ['ResNet-50', 'resnet50'],
  ['torchvision.models.resnet50', 'resnet50'],
  ['EfficientNetV2_S', 'efficientnet_v2_s'],
])('run.json may spell %s', (spelling, name) => {
  const { variant, assumed } = recognise(storedTensors(known[name]!), 'model.pth', spelling);
  expect(variant).toBe(name);
  expect(assumed).toContain(`The network is ${name}, as run.json says.`);
});
