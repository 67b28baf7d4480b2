// ONNX Runtime, Core ML.
import { onnxRuntimeEngine } from '../onnxruntime.ts';

export const coreml = onnxRuntimeEngine({
  id: 'coreml',
  title: 'ONNX Runtime, Core ML',
  priority: null,
  provider: 'coreml',
  remedy: 'It comes with macOS.',
});
