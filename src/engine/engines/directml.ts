// ONNX Runtime, DirectML.
import { onnxRuntimeEngine } from '../onnxruntime.ts';

export const directml = onnxRuntimeEngine({
  id: 'directml',
  title: 'ONNX Runtime, DirectML',
  priority: null,
  provider: 'dml',
  remedy: 'It comes with Windows 10 and later.',
});
