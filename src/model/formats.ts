// The table of model formats, in the order in which they are asked. Loaders are fetched when a file is theirs.
import type { ModelFormat } from './format.ts';
import { onnx } from './formats/onnx.ts';
import { pytorch } from './formats/pytorch.ts';
import { safetensors } from './formats/safetensors.ts';

export const formats = [onnx, safetensors, pytorch] as const satisfies readonly ModelFormat[];
