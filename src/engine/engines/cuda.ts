// ONNX Runtime, CUDA.
import { onnxRuntimeEngine } from '../onnxruntime.ts';

export const cuda = onnxRuntimeEngine({
  id: 'cuda',
  title: 'ONNX Runtime, CUDA',
  priority: 5,
  provider: 'cuda',
  library: { linux: 'libonnxruntime_providers_cuda.so', win32: 'onnxruntime_providers_cuda.dll' },
  remedy:
    'Run the install script of onnxruntime-node (npm rebuild onnxruntime-node) on a machine with CUDA 12 or 13 and cuDNN 9.',
});
