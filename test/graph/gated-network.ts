// Networks with enough gates that they are written in blocks, in the making.
import ort from 'onnxruntime-node';
import { float, ints } from '../../src/graph/attributes.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { inferTypes } from '../../src/graph/infer.ts';
import { constantOf, sizeOf } from '../../src/graph/tensor.ts';
import { encodeModel } from '../../src/onnx/encode.ts';

const GATES = 12; // aside, so that the pass is taken

export class Network {
  readonly b = new GraphBuilder();
  readonly x: string;
  private made = 0;
  constructor(batch: number, [height, width]: readonly [number, number] = [6, 5]) {
    this.x = this.b.input('x', { dtype: 'float32', shape: [batch, 3, height, width] });
  }
  node = (...args: Parameters<GraphBuilder['node']>): string => this.b.node(...args)[0]!;
  known = (...shape: number[]): string => {
    const spread = 1 / Math.sqrt(Math.max(1, sizeOf(shape.slice(1))));
    const seed = ++this.made;
    return this.b.constant(
      constantOf(
        'float32',
        shape,
        Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i * 12.9898 + seed * 78.233) * spread),
      ),
      `k${seed}`,
    );
  };
  integers = (...values: number[]): string => this.b.constant(constantOf('int64', [values.length], values));
  conv = (x: string, after: number, before: number, size = 1): string => {
    const pad = size >> 1;
    return this.node('Conv', [x, this.known(after, before, size, size), this.known(after)], {
      pads: ints([pad, pad, pad, pad]),
    });
  };
  average = (x: string): string => this.node('GlobalAveragePool', [x]);
  gate = (x: string, channels: number): string =>
    this.node('Mul', [x, this.node('Sigmoid', [this.conv(this.average(x), channels, channels)])]);
  first = (x: string, channels: number): string =>
    this.node('Slice', [x, this.integers(0), this.integers(channels), this.integers(1)]);
  oneMinus = (s: string): string => this.node('HardSigmoid', [s], { alpha: float(-1), beta: float(1) });
  /** With gates aside, unless they are to be none. */
  finish(y: string, gates = GATES): Graph {
    let aside = this.conv(this.x, 32, 3, 3);
    for (let gate = 0; gate < gates; gate++) aside = this.gate(aside, 32);
    const type = { dtype: 'float32', shape: null } as const;
    return inferTypes(this.b.finish([y, this.average(aside)].map((value, i) => ({ name: `y${i}`, value, type }))));
  }
}

/** Of a picture of waves: what is first put out. */
export async function run(graph: Graph): Promise<Float32Array> {
  const session = await ort.InferenceSession.create(encodeModel(graph), { logSeverityLevel: 3 });
  const shape = graph.inputs[0]!.type.shape as readonly number[];
  const x = Float32Array.from({ length: sizeOf(shape) }, (_, index) => Math.sin(index * 0.37));
  const { y0 } = await session.run({ x: new ort.Tensor(x, shape) });
  await session.release();
  return y0!.data as Float32Array;
}
