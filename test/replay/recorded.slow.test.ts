// What the tracer records is replayed: every case of every traced kernel, forward and gradient, and differentiated again.
// So a recorded model (Keras, GraphModel) can be cut anywhere, and every program has an eager reference.
import { beforeAll, expect, test } from 'vitest';
import { replay } from '../../src/replay/replay.ts';
import { tf } from '../../src/tf/tfjs.ts';
import { lowerings } from '../../src/trace/lowering.ts';
import type { CaseInput, OpCase } from '../../src/trace/op.ts';
import { trace } from '../../src/trace/tracer.ts';
import { seededNumbers } from '../tf/tensors.ts';

type Compute = (...inputs: tf.Tensor[]) => tf.Tensor[];

/** Cases whose gradient by TensorFlow.js is not that of what was recorded, and why. */
const DIFFERENT: Readonly<Record<string, string>> = {
  'MirrorPad: reflect': 'its gradient leaves the mirrored margins out',
  'MirrorPad: symmetric': 'its gradient leaves the mirrored margins out',
  'AvgPool: overlapping, padded unevenly': 'its gradient divides by the whole window at the borders too',
  'AvgPool: explicit padding': 'its gradient divides by the whole window at the borders too',
  'Max: along a repeated axis': 'it gives every tie the whole gradient, and recorded repetitions are one element',
  'Min: along a repeated axis': 'it gives every tie the whole gradient, and recorded repetitions are one element',
  'Log1p: tiny': 'recorded as a quotient, whose branch not taken is 0 / 0 at 0',
  'Ceil: Ceil': 'its gradient is zero; replayed, there is none',
  'Floor: Floor': 'its gradient is zero; replayed, there is none',
  'Round: Round': 'its gradient is zero; replayed, there is none',
  'Sign: Sign': 'its gradient is zero; replayed, there is none',
};

beforeAll(() => tf.setBackend('cpu'));

for (const { kernel, cases } of lowerings.values()) {
  test.each(cases.map((entry) => [entry.title, entry] as const))(`${kernel}: %s`, (_, entry) => {
    tf.tidy(() => {
      const compute: Compute = (...inputs) => [entry.compute(...inputs)].flat();
      const replayed = replayOf(entry, compute);
      const inputs = entry.inputs.map(tensorOf);
      compare(entry, replayed(...inputs), compute(...inputs));
      if (entry.gradient === false || movingOf(entry).length === 0) return;
      const gradient = gradientOf(entry, compute);
      const expected = gradient(...inputs);
      compare(entry, replayOf(entry, gradient)(...inputs), expected);
      if (!(`${kernel}: ${entry.title}` in DIFFERENT)) compare(entry, gradientOf(entry, replayed)(...inputs), expected);
    });
  });
}

/** Records a computation and gives it back as the replay of what was recorded. */
function replayOf(entry: OpCase, compute: Compute): Compute {
  const graph = trace((tracer) => {
    const inputs = entry.inputs.map((input, index) =>
      input.constant === true
        ? tensorOf(input, index)
        : tracer.input(`input${index}`, { dtype: input.dtype ?? 'float32', shape: input.shape }),
    );
    return Object.fromEntries(compute(...inputs).map((output, index) => [`output${index}`, output]));
  });
  const wanted = graph.outputs.map((port) => port.name);
  return (...inputs) => {
    const feeds = new Map(inputs.map((input, index) => [`input${index}`, input] as const));
    return [...replay(graph, graph.nodes, feeds, wanted).values()];
  };
}

/** Inputs that the gradient is taken with respect to. */
function movingOf({ inputs, gradient }: OpCase): readonly number[] {
  const floats = inputs.flatMap(({ dtype, constant }, index) =>
    (dtype ?? 'float32') === 'float32' && constant !== true ? [index] : [],
  );
  return gradient === undefined || gradient === false ? floats : gradient;
}

function gradientOf(entry: OpCase, compute: Compute): Compute {
  const moving = movingOf(entry);
  return (...inputs) =>
    tf.grads((...xs: tf.Tensor[]) => {
      const outputs = compute(
        ...inputs.map((input, index) => (moving.includes(index) ? xs[moving.indexOf(index)]! : input)),
      );
      const terms = outputs.map((output, index) => {
        const weights = tf.tensor(seededNumbers(output.size, 90 + index), output.shape);
        return tf.reshape(tf.sum(tf.mul(output, weights)), [1]);
      });
      return tf.sum(tf.concat(terms));
    })(moving.map((index) => inputs[index]!));
}

function compare(entry: OpCase, found: readonly tf.Tensor[], expected: readonly tf.Tensor[]): void {
  expected.forEach((tensor, index) => {
    const output = found[index]!;
    expect(output.shape).toEqual(tensor.shape);
    expect(output.dtype).toBe(tensor.dtype);
    const [actual, wanted] = [output.dataSync(), tensor.dataSync()];
    const scale = Math.max(1e-30, ...Array.from(wanted, Math.abs).filter(Number.isFinite));
    wanted.forEach((value, place) => {
      if (Number.isFinite(value))
        expect(Math.abs(actual[place]! - value) / scale).toBeLessThan(entry.tolerance ?? 1e-5);
      else expect(actual[place]).toBe(value);
    });
  });
}

function tensorOf({ shape, dtype = 'float32', range = [-1, 1], values }: CaseInput, index: number): tf.Tensor {
  const size = shape.reduce((product, dim) => product * dim, 1);
  const [low, high] = range;
  const drawn = seededNumbers(size, index + 1).map((value) => {
    const unit = (value + 1) / 2;
    if (dtype === 'bool') return unit < 0.5 ? 0 : 1;
    return dtype === 'int32' ? Math.min(high, low + Math.floor(unit * (high - low + 1))) : low + unit * (high - low);
  });
  return tf.tensor([...(values ?? drawn)], [...shape], dtype);
}
