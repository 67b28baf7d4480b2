// The table of model formats, in the order in which they are asked. Loaders are fetched when a file is theirs.
import type { ModelFormat } from './format.ts';
import { onnx } from './formats/onnx.ts';

export const formats = [onnx] as const satisfies readonly ModelFormat[];
