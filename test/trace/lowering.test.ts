// Every case of every lowering: recorded and run by ONNX Runtime against the eager `cpu` backend, forward and gradient.
import { readdirSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { checkGraph } from '../../src/graph/check.ts';
import { tf } from '../../src/tf/tfjs.ts';
import { families, lowerings } from '../../src/trace/lowering.ts';
import type { CaseInput, OpCase, OpLowering } from '../../src/trace/op.ts';
import { trace } from '../../src/trace/tracer.ts';
import { seededNumbers } from '../tf/tensors.ts';
import { runNative } from './native.ts';

type Compute = (...inputs: tf.Tensor[]) => tf.Tensor[];

for (const { kernel, cases } of lowerings.values()) {
  test.each(cases.map((entry) => [entry.title, entry] as const))(`${kernel}: %s`, async (_, entry) => {
    const compute: Compute = (...inputs) => [entry.compute(...inputs)].flat();
    const lower = vi.spyOn(lowerings.get(kernel)!, 'lower');
    const graph = recorded(entry, compute);
    const gradient = entry.gradient === false ? null : gradientOf(entry, compute);
    const gradientGraph = gradient === null ? null : recorded(entry, gradient);
    expect(lower, `nothing of this case was lowered by ${kernel}`).toHaveBeenCalled();
    lower.mockRestore();
    if (entry.nodes !== undefined) {
      const identity = graph.nodes.filter((node) => node.op !== 'Identity');
      expect(identity.map((node) => node.op)).toEqual(entry.nodes);
    }
    await compare(entry, compute, graph);
    if (gradient !== null) await compare(entry, gradient, gradientGraph!);
  });
}

test('every file of ops/ is in the table, and every kernel has cases', async () => {
  const listed = new Set(families.flat());
  const files = readdirSync(new URL('../../src/trace/ops', import.meta.url));
  expect(files).toHaveLength(families.length);
  for (const file of files) {
    const exported = (await import(`../../src/trace/ops/${file}`)) as Record<string, unknown>;
    const own = Object.values(exported).flat().filter(isLowering);
    expect(own.length, `${file} exports lowerings`).toBeGreaterThan(0);
    for (const entry of own) expect(listed, `${entry.kernel} of ${file} in src/trace/lowering.ts`).toContain(entry);
  }
  expect(listed.size).toBe(lowerings.size);
  for (const { kernel, cases } of listed) expect(cases.length, kernel).toBeGreaterThan(0);
});

const isLowering = (value: unknown): value is OpLowering =>
  typeof value === 'object' && value !== null && 'kernel' in value;

const nameOf = (index: number): string => `input${index}`;

function recorded(entry: OpCase, compute: Compute): ReturnType<typeof trace> {
  const graph = trace((tracer) => {
    const inputs = entry.inputs.map((input, index) =>
      input.constant === true
        ? tensorOf(input, index)
        : tracer.input(nameOf(index), { dtype: input.dtype ?? 'float32', shape: input.shape }),
    );
    return Object.fromEntries(compute(...inputs).map((output, index) => [`output${index}`, output]));
  });
  checkGraph(graph);
  return graph;
}

/** Gradients of a weighted sum of all float results with respect to all float inputs that are no constants. */
function gradientOf(entry: OpCase, compute: Compute): Compute {
  return (...inputs) => {
    const floats = entry.inputs.flatMap(({ dtype, constant }, index) =>
      (dtype ?? 'float32') === 'float32' && constant !== true ? [index] : [],
    );
    const free = entry.gradient || floats;
    if (free.length === 0) return [tf.scalar(0)];
    return tf.grads((...xs: tf.Tensor[]) => {
      const outputs = compute(
        ...inputs.map((input, index) => (free.includes(index) ? xs[free.indexOf(index)]! : input)),
      );
      const terms = outputs.map((output, index) =>
        tf.sum(tf.mul(output, tf.tensor(seededNumbers(output.size, 90 + index), output.shape))),
      );
      return tf.addN(terms.map((term) => tf.reshape(term, [1])));
    })(free.map((index) => inputs[index]!));
  };
}

async function compare(entry: OpCase, compute: Compute, graph: ReturnType<typeof trace>): Promise<void> {
  const inputs = entry.inputs.map(tensorOf);
  const expected = compute(...inputs);
  const feeds = Object.fromEntries(inputs.map((input, index) => [nameOf(index), input]));
  const found = await runNative(graph, feeds);
  expected.forEach((tensor, index) => {
    const output = found[`output${index}`]!;
    expect(output.shape).toEqual(tensor.shape);
    expect(output.dtype).toBe(tensor.dtype);
    const [actual, wanted] = [output.dataSync(), tensor.dataSync()];
    const scale = Math.max(1e-30, ...Array.from(wanted, Math.abs).filter(Number.isFinite));
    wanted.forEach((value, i) => {
      if (Number.isFinite(value)) expect(Math.abs(actual[i]! - value) / scale).toBeLessThan(entry.tolerance ?? 1e-5);
      else expect(actual[i]).toBe(value);
    });
  });
}

function tensorOf({ shape, dtype = 'float32', range = [-1, 1], values }: CaseInput, index: number): tf.Tensor {
  const size = shape.reduce((product, dim) => product * dim, 1);
  const [low, high] = range;
  const drawn =
    values ??
    seededNumbers(size, index + 1).map((value) => {
      const unit = (value + 1) / 2;
      if (dtype === 'bool') return unit < 0.5 ? 0 : 1;
      return dtype === 'int32' ? Math.min(high, low + Math.floor(unit * (high - low + 1))) : low + unit * (high - low);
    });
  return tf.tensor([...drawn], [...shape], dtype);
}
