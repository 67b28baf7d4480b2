// TensorFlow.js in plain JavaScript: runs everywhere, slowly. The reference.
import { tfjsEngine } from '../tfjs.ts';

export const eager = tfjsEngine({
  id: 'eager',
  title: 'TensorFlow.js, plain JavaScript',
  backend: 'cpu',
  package: null,
  remedy: 'Reinstall gradcam.',
});
