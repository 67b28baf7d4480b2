// TensorFlow.js on WebAssembly, where the user has installed it.
import { tfjsEngine } from '../tfjs.ts';

export const wasm = tfjsEngine({
  id: 'wasm',
  title: 'TensorFlow.js, WebAssembly',
  backend: 'wasm',
  package: '@tensorflow/tfjs-backend-wasm',
  remedy: 'Install @tensorflow/tfjs-backend-wasm beside gradcam.',
});
