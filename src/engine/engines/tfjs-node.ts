// TensorFlow.js on libtensorflow, where the user has installed it.
import { tfjsEngine } from '../tfjs.ts';

export const tfjsNode = tfjsEngine({
  id: 'tfjs-node',
  title: 'TensorFlow.js, libtensorflow',
  backend: 'tensorflow',
  package: '@tensorflow/tfjs-node',
  remedy: 'Install @tensorflow/tfjs-node beside gradcam (it downloads libtensorflow; Node 22 at most).',
});
