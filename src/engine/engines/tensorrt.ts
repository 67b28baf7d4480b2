// ONNX Runtime, TensorRT.
import { onnxRuntimeEngine } from '../onnxruntime.ts';

export const tensorrt = onnxRuntimeEngine({
  id: 'tensorrt',
  title: 'ONNX Runtime, TensorRT',
  priority: null,
  provider: 'tensorrt',
  library: { linux: 'libonnxruntime_providers_tensorrt.so', win32: 'onnxruntime_providers_tensorrt.dll' },
  remedy: 'It needs the CUDA libraries of onnxruntime-node and TensorRT.',
});
