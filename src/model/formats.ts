// The table of model formats, in the order in which they are asked. Loaders fetch what is heavy when a file is theirs.
import type { ModelFormat } from './format.ts';
import { kerasH5 } from './formats/keras-h5.ts';
import { kerasV3 } from './formats/keras-v3.ts';
import { onnx } from './formats/onnx.ts';
import { pytorch } from './formats/pytorch.ts';
import { safetensors } from './formats/safetensors.ts';
import { savedModel } from './formats/saved-model.ts';
import { tfjsGraph } from './formats/tfjs-graph.ts';
import { tfjsLayers } from './formats/tfjs-layers.ts';

export const formats = [
  savedModel,
  onnx,
  tfjsLayers,
  tfjsGraph,
  kerasV3,
  kerasH5,
  safetensors,
  pytorch,
] as const satisfies readonly ModelFormat[];
