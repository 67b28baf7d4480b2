// ONNX Runtime, CUDA.
import { onnxRuntimeEngine } from '../onnxruntime.ts';

export const cuda = onnxRuntimeEngine({
  id: 'cuda',
  title: 'ONNX Runtime, CUDA',
  priority: 5,
  provider: 'cuda',
  libraries: { linux: ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so'] },
  install:
    'Run the install script of onnxruntime-node (npm rebuild onnxruntime-node) on a machine with CUDA 12 or 13 and cuDNN 9.',
  // NVIDIA's libraries round the factors of products to 10 bits unless this forbids it: maps would be those of the model to
  // three digits only. The Node binding hands no option of the provider on.
  environment: { NVIDIA_TF32_OVERRIDE: '0' },
  remedy:
    "It needs an NVIDIA GPU with its driver, and the libraries of CUDA and cuDNN 9 where the system's loader finds them (LD_LIBRARY_PATH).",
});
