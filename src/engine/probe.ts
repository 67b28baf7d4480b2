// Types that inference could not derive (operators it does not know) are measured: the graph is run once on zeros.
import { GradcamError, messageOf } from '../lib/errors.ts';
import type { DType, Graph, TensorType } from '../graph/graph.ts';
import { encodeApart } from '../onnx/encode.ts';
import { createSession, loadOnnxRuntime } from './ort.ts';

/** The graph with the static type of every value, measured where it was not derived. Throws GradcamError `model-does-not-run`. */
export async function completeTypes(graph: Graph, model: string): Promise<Graph> {
  const missing = graph.nodes
    .flatMap((node) => node.outputs)
    .filter((name) => name !== '' && !isStatic(graph.types.get(name)));
  if (missing.length === 0) return graph;
  const ort = await loadOnnxRuntime();
  const types = new Map(graph.types);
  try {
    const session = await createSession(
      ort,
      encodeApart({ ...graph, outputs: [], types: new Map() }, { more: missing }),
      { graphOptimizationLevel: 'disabled', logSeverityLevel: 3 },
    );
    try {
      const feeds = Object.fromEntries(graph.inputs.map(({ name, type }) => [name, zeros(ort, type)]));
      const results = await session.run(feeds);
      for (const [name, value] of Object.entries(results))
        types.set(name, { dtype: value.type as DType, shape: value.dims });
    } finally {
      await session.release();
    }
  } catch (cause) {
    throw new GradcamError({
      code: 'model-does-not-run',
      what: `The model ${model} does not run in ONNX Runtime.`,
      found: messageOf(cause).split('\n')[0]!,
      hint: 'Check the file in ONNX Runtime by itself; a model with its own operators needs the library that brings them.',
      cause,
    });
  }
  return { ...graph, types };
}

function isStatic(type: TensorType | undefined): boolean {
  return type?.shape?.every((dim) => dim !== null) ?? false;
}

function zeros(
  ort: Awaited<ReturnType<typeof loadOnnxRuntime>>,
  { dtype, shape }: TensorType,
): InstanceType<typeof ort.Tensor> {
  const dims = shape as readonly number[];
  const size = dims.reduce((product, dim) => product * dim, 1);
  if (dtype === 'uint8') return new ort.Tensor('uint8', new Uint8Array(size), dims);
  if (dtype === 'float16') return new ort.Tensor('float16', new Uint16Array(size), dims);
  if (dtype === 'float64') return new ort.Tensor('float64', new Float64Array(size), dims);
  return new ort.Tensor('float32', new Float32Array(size), dims);
}
