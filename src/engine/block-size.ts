// How many channels ONNX Runtime's blocked layout holds together on this machine: 16 with AVX-512, 8 with less, none on some
// processors. It does not say, so a numbered array is brought into that layout and looked at.
import { int } from '../graph/attributes.ts';
import type { Graph } from '../graph/graph.ts';
import { BLOCKED_DOMAIN } from '../graph/passes/blocked/blocked.ts';
import { encodeModel } from '../onnx/encode.ts';
import { loadOnnxRuntime } from './ort.ts';

/** Divides every block there is. */
const CHANNELS = 64;

let known: Promise<number | null> | undefined;

/** Channels in a block; null where ONNX Runtime has no such layout here. Measured once, or asked of another thread. */
export function blockSize(measure = measureBlock): Promise<number | null> {
  known ??= measure().catch(() => null);
  return known;
}

/** Opens a session in this thread: where ONNX Runtime is not loaded yet, that takes longer than the measuring. */
export async function measureBlock(): Promise<number | null> {
  const ort = await loadOnnxRuntime();
  const session = await ort.InferenceSession.create(encodeModel(convolution()), { logSeverityLevel: 4 });
  try {
    // Of places 0 and 1 of every channel: the second place of channel 0 follows the first places of its block.
    const places = Float32Array.from({ length: CHANNELS * 2 }, (_, index) => (index === 1 ? 1 : 0));
    const ones = new Float32Array(CHANNELS).fill(1);
    const { y, z } = await session.run({
      x: new ort.Tensor('float32', places, [1, CHANNELS, 1, 2]),
      w: new ort.Tensor('float32', ones, [CHANNELS, 1, 1, 1]),
    });
    const block = (y!.data as Float32Array).indexOf(1);
    const works = (z!.data as Float32Array).every((value, index) => value === places[index]);
    return works && block > 1 && CHANNELS % block === 0 ? block : null;
  } finally {
    await session.release();
  }
}

/** x [1, CHANNELS, 1, 2] and filters -> y, x blocked; z, the same after a convolution and the way back. */
function convolution(): Graph {
  const node = (
    op: string,
    inputs: readonly string[],
    output: string,
    attributes: Graph['nodes'][number]['attributes'],
  ) => ({
    op,
    domain: BLOCKED_DOMAIN,
    name: output,
    inputs,
    outputs: [output],
    attributes,
  });
  const port = (name: string, shape: readonly number[]) => ({ name, type: { dtype: 'float32', shape } }) as const;
  const map = [1, CHANNELS, 1, 2];
  return {
    opset: 18,
    domains: { [BLOCKED_DOMAIN]: 1 },
    inputs: [port('x', map), port('w', [CHANNELS, 1, 1, 1])],
    outputs: [port('y', map), port('z', map)],
    nodes: [
      node('ReorderInput', ['x'], 'y', {}),
      node('Conv', ['y', 'w'], 'c', { group: int(CHANNELS) }),
      node('ReorderOutput', ['c'], 'z', { channels: int(CHANNELS) }),
    ],
    constants: new Map(),
    types: new Map(),
  };
}
