// ONNX files as PyTorch's exporters and others write them. The graph is kept as the file has it; only its types are
// filled in for the shape that is asked for.
import { dirname } from 'node:path';
import { inferTypes } from '../../graph/infer.ts';
import { readWhole } from '../../lib/files.ts';
import { decodeModel } from '../../onnx/decode.ts';
import { findImageInput } from '../input.ts';
import type { ModelFormat, ModelSource } from '../format.ts';
import type { InputShape, Model } from '../model.ts';

const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

export const onnx: ModelFormat = {
  id: 'onnx',
  title: 'ONNX',
  extensions: ['.onnx'],
  detect: ({ file, head }) =>
    file.toLowerCase().endsWith('.onnx') || (head[0] === 0x08 && head[1]! < 0x20 && head[2] === 0x12),
  load,
};

async function load(source: ModelSource): Promise<Model> {
  const bytes = await (source.ahead?.get(source.file) ?? readWhole(source.file));
  const decoded = decodeModel(bytes, { folder: dirname(source.file), source: source.path });
  const { graph } = decoded;
  const input = findImageInput(graph, source.path);
  let last: { key: string; graph: ReturnType<typeof inferTypes> } | undefined;
  const forward = (shape: InputShape): ReturnType<typeof inferTypes> => {
    const key = [shape.batch, ...shape.size].join();
    if (last?.key !== key) last = { key, graph: inferTypes(graph, { [input.name]: dimsOf(input, shape) }) };
    return last.graph;
  };
  const pytorch = /pytorch|torch/i.test(decoded.producer);
  return {
    path: source.path,
    format: 'onnx',
    files: [source.file, ...decoded.externalFiles],
    input,
    forward,
    layerNames: new Map(),
    ...(pytorch
      ? {
          preprocessing: {
            spec: IMAGENET,
            why: 'the usual ImageNet normalisation of PyTorch exports; say otherwise in run.json',
          },
        }
      : {}),
    assumed: [],
  };
}

function dimsOf(input: Model['input'], { batch, size }: InputShape): number[] {
  const [height, width] = size;
  return input.layout === 'nchw' ? [batch, input.channels, height, width] : [batch, height, width, input.channels];
}
