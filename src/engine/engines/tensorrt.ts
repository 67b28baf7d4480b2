// ONNX Runtime, TensorRT.
import { onnxRuntimeEngine } from '../onnxruntime.ts';

export const tensorrt = onnxRuntimeEngine({
  id: 'tensorrt',
  title: 'ONNX Runtime, TensorRT',
  priority: null,
  provider: 'tensorrt',
  libraries: { linux: ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_tensorrt.so'] },
  remedy: 'It needs the CUDA libraries of onnxruntime-node and TensorRT.',
});
