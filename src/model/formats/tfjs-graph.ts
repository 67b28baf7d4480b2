// TensorFlow.js GraphModels: a frozen TensorFlow graph in model.json, weights in shards beside it.
import type { ModelFormat } from '../format.ts';
import { isTfjs } from '../tfjs/detect.ts';

export const tfjsGraph: ModelFormat = {
  id: 'tfjs-graph',
  title: 'TensorFlow.js GraphModel',
  extensions: ['.json'],
  detect: (source) => isTfjs(source, 'graph-model'),
  load: async (source) => (await import('../tfjs/graph-model.ts')).loadGraphModel(source),
};
