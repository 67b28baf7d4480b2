// TensorFlow.js on libtensorflow with CUDA, where the user has installed it.
import { tfjsEngine } from '../tfjs.ts';

export const tfjsNodeGpu = tfjsEngine({
  id: 'tfjs-node-gpu',
  title: 'TensorFlow.js, libtensorflow with CUDA',
  backend: 'tensorflow',
  package: '@tensorflow/tfjs-node-gpu',
  remedy: 'Install @tensorflow/tfjs-node-gpu beside gradcam (it downloads libtensorflow; Node 22 at most, CUDA 11).',
});
