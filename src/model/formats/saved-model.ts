// TensorFlow SavedModels, and frozen graphs by themselves.
import { basename } from 'node:path';
import type { ModelFormat } from '../format.ts';

const isSaved = (file: string): boolean => basename(file).toLowerCase() === 'saved_model.pb';

export const savedModel: ModelFormat = {
  id: 'saved-model',
  title: 'TensorFlow SavedModel',
  extensions: ['.pb'],
  // ONNX files are called .pb too: they begin with their version, graphs with a node.
  detect: ({ file, head }) => isSaved(file) || (file.toLowerCase().endsWith('.pb') && head[0] === 0x0a),
  async load(source) {
    const { loadFrozenGraph, loadSavedModel } = await import('../tensorflow/saved-model.ts');
    return isSaved(source.file) ? loadSavedModel(source) : loadFrozenGraph(source);
  },
};
