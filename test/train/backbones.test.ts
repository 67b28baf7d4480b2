import { describe, expect, it } from 'vitest';
import { numbersOf } from '../../src/graph/tensor.ts';
import { Random } from '../../src/lib/random.ts';
import { backbones, buildBackbone, findBackbone, initialWeights } from '../../src/train/backbones.ts';
import { findHead, withHead } from '../../src/train/head.ts';
import { trainable } from '../../src/train/network.ts';

const options = { classes: 7, head: 'linear', channels: 3, seed: 1 } as const;

/** Of torchvision's networks with 7 classes, and of the demo's. */
const SIZES: Readonly<Record<string, number>> = {
  small: 275_079,
  resnet50: 23_522_375,
  'efficientnetv2-s': 20_186_455,
  densenet121: 6_961_031,
};

describe('backbones', () => {
  it.each(backbones.map((backbone) => [backbone.id, backbone] as const))('%s has as many weights', (id, backbone) => {
    const { graph, input, logits, drops } = buildBackbone(backbone, { ...options, batch: 2, size: [64, 64] });
    const network = trainable({ graph, input, logits, drops });
    const sizes = [...network.parameters.values()].map(({ shape }) => shape.reduce((size, dim) => size * dim, 1));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(SIZES[id]);
    expect(network.classes).toBe(7);
  });

  it('EfficientNetV2-S drops its residual branches in proportion to their depth', () => {
    const { drops } = buildBackbone(findBackbone('efficientnetv2-s'), { ...options, batch: 2, size: [64, 64] });
    const samples = drops.filter((site) => site.kind === 'samples');
    // 40 blocks; the first of stages 2 to 6 add nothing, the very first has rate 0.
    expect(samples).toHaveLength(40 - 5 - 1);
    expect(samples[0]).toEqual({ value: 'features.1.1.block.0.2', kind: 'samples', rate: 0.2 / 40 });
    expect(samples.at(-1)).toEqual({ value: 'features.6.14.block.3.1', kind: 'samples', rate: (0.2 * 39) / 40 });
    expect(drops.at(-1)).toMatchObject({ kind: 'elements', rate: 0.2 });
  });

  it('a seed gives the same weights, another one others, with the deviation that PyTorch gives', () => {
    const of = (seed: number): Float32Array => {
      const weights = initialWeights(findBackbone('small'), { ...options, seed });
      return Float32Array.from(numbersOf(weights.get('block3.0.expand.conv.weight')!));
    };
    expect(of(1)).toEqual(of(1));
    expect(of(1)).not.toEqual(of(2));
    const values = of(1);
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
    // [144, 48, 1, 1], fan_out: sqrt(2 / 144).
    expect(deviation / Math.sqrt(2 / 144)).toBeCloseTo(1, 1);
  });
});

describe('heads', () => {
  const { graph, logits } = buildBackbone(findBackbone('small'), { ...options, batch: 2, size: [32, 32] });
  const random = Random.of(1);

  it('stay where they fit', () => {
    expect(withHead(graph, logits, { classes: 7, kind: 'linear', random })).toEqual({ graph, logits, note: null });
  });

  it('are replaced for other classes', () => {
    const replaced = withHead(graph, logits, { classes: 3, kind: 'linear', random });
    expect(replaced.note).toMatch(/7 classes.*3/);
    const head = findHead(replaced.graph, replaced.logits)!;
    expect(head).toMatchObject({ classes: 3, count: 224, kind: 'linear', weight: 'classifier.weight' });
    expect(trainable({ graph: replaced.graph, input: 'input', logits: replaced.logits }).classes).toBe(3);
  });

  it('become cosines and back', () => {
    const normed = withHead(graph, logits, { classes: 7, kind: 'normed', random });
    expect(findHead(normed.graph, normed.logits)).toMatchObject({ kind: 'normed', features: 'flatten' });
    const { parameters } = trainable({ graph: normed.graph, input: 'input', logits: normed.logits });
    expect(parameters.has('classifier.weight')).toBe(true);
    expect(parameters.has('classifier.bias')).toBe(false);
    const linear = withHead(normed.graph, normed.logits, { classes: 7, kind: 'linear', random });
    expect(findHead(linear.graph, linear.logits)).toMatchObject({ kind: 'linear', features: 'flatten' });
  });
});
