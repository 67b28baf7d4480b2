// ONNX Runtime, WebGPU.
import { onnxRuntimeEngine } from '../onnxruntime.ts';

export const webgpu = onnxRuntimeEngine({
  id: 'webgpu',
  title: 'ONNX Runtime, WebGPU',
  priority: null,
  provider: 'webgpu',
  system: { linux: 'libvulkan.so.1' },
  remedy: 'It needs a GPU with a Vulkan, Metal or Direct3D 12 driver.',
});
