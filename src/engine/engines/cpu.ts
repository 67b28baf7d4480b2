// ONNX Runtime, CPU.
import { onnxRuntimeEngine } from '../onnxruntime.ts';

export const cpu = onnxRuntimeEngine({
  id: 'cpu',
  title: 'ONNX Runtime, CPU',
  priority: 10,
  provider: 'cpu',
  remedy: 'Reinstall onnxruntime-node for this platform.',
});
