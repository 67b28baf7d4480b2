// ONNX Runtime, TensorRT.
import { onnxRuntimeEngine } from '../onnxruntime.ts';

export const tensorrt = onnxRuntimeEngine({
  id: 'tensorrt',
  title: 'ONNX Runtime, TensorRT',
  priority: null,
  provider: 'tensorrt',
  remedy: 'It needs the CUDA libraries of onnxruntime-node and TensorRT.',
});
