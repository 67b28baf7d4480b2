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
