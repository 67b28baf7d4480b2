// Which output holds the class scores.
import { describe, expect, it } from 'vitest';
import type { Graph } from '../../src/graph/graph.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { findOutput, hasClassScores } from '../../src/model/output.ts';

/** A graph with an image of `batch` pictures and outputs of these shapes. */
function graphOf(batch: number, outputs: Readonly<Record<string, readonly number[]>>): Graph {
  const builder = new GraphBuilder();
  const image = builder.input('image', { dtype: 'float32', shape: [batch, 3, 4, 4] });
  const ports = Object.entries(outputs).map(([name, shape]) => ({ name, type: { dtype: 'float32' as const, shape } }));
  for (const { name } of ports) builder.node('Relu', [image], {}, [name]);
  return builder.finish(ports);
}

describe('findOutput', () => {
  it('takes one number a picture for a single logit, as squeeze(1) leaves it', () => {
    const { output } = findOutput(graphOf(4, { z: [4] }), 'm.onnx', undefined);
    expect(output).toMatchObject({ logits: 'z', classes: 1, activation: 'none' });
  });

  it('takes what squeeze() leaves of a single picture', () => {
    expect(findOutput(graphOf(1, { z: [7] }), 'm.onnx', undefined).output.classes).toBe(7);
    expect(findOutput(graphOf(1, { z: [] }), 'm.onnx', undefined).output.classes).toBe(1);
  });

  it('prefers an axis of classes to one number a picture', () => {
    const { output, assumed } = findOutput(graphOf(4, { score: [4], z: [4, 5] }), 'm.onnx', undefined);
    expect(output).toMatchObject({ logits: 'z', classes: 5 });
    expect(assumed).toBeNull();
  });

  it('takes no number of the whole batch, and no other vector', () => {
    for (const shape of [[], [3]]) expect(hasClassScores(graphOf(4, { loss: shape }))).toBe(false);
  });
});

const float = (...shape: number[]) => ({ dtype: 'float32', shape }) as const;

/** picture -> features [1, 4] -> scores [1, classes] -> softmax -> flattened, with these values as outputs. */
function network(outputs: Readonly<Record<string, readonly number[]>>): Graph {
  const builder = new GraphBuilder();
  builder.input('picture', float(1, 3, 2, 2));
  builder.node('Pool', ['picture'], {}, ['features'], { types: [float(1, 4)] });
  builder.node('Linear', ['features'], {}, ['scores'], { types: [float(1, 3)] });
  builder.node('Softmax', ['scores'], {}, ['shares'], { types: [float(1, 3)] });
  builder.node('Flatten', ['shares'], {}, ['flat'], { types: [float(1, 3)] });
  builder.node('Deconv', ['features'], {}, ['picture-like'], { types: [float(1, 3, 2, 2)] });
  return builder.finish(Object.entries(outputs).map(([name, shape]) => ({ name, type: float(...shape) })));
}

it('sees through softmax and what moves nothing', () => {
  expect(findOutput(network({ flat: [1, 3] }), 'm', undefined)).toEqual({
    output: { logits: 'scores', output: 'flat', activation: 'softmax', classes: 3 },
    assumed: null,
  });
});

it('of several outputs takes what lies furthest from the picture, and says so', () => {
  const { output, assumed } = findOutput(network({ features: [1, 4], flat: [1, 3] }), 'm', undefined);
  expect(output.output).toBe('flat');
  expect(assumed).toMatch(/"flat" was taken.*others: features/);
  expect(findOutput(network({ features: [1, 4], flat: [1, 3] }), 'm', 'features').output).toMatchObject({
    logits: 'features',
    classes: 4,
  });
});

it('says what there is where no output is one of classes, or none has that name', () => {
  const graph = network({ 'picture-like': [1, 3, 2, 2] });
  expect(() => findOutput(graph, 'm', undefined)).toThrow(
    /looks like class logits[\s\S]*picture-like float32\[1, 3, 2, 2]/,
  );
  expect(() => findOutput(graph, 'm', 'picture-like')).toThrow(/looks like class logits/);
  expect(() => findOutput(graph, 'm', 'score')).toThrow(/no output named "score"[\s\S]*picture-like/);
});
