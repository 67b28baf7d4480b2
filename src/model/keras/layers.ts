// The table of Keras layers that can be run: a new class is one entry in a family's file.
import { GradcamError } from '../../lib/errors.ts';
import type { LayerClass } from './layer.ts';
import { activationLayers } from './layers/activation.ts';
import { attentionLayers } from './layers/attention.ts';
import { convLayers } from './layers/conv.ts';
import { denseLayers } from './layers/dense.ts';
import { identityLayers } from './layers/identity.ts';
import { mergeLayers } from './layers/merge.ts';
import { normalizationLayers } from './layers/normalization.ts';
import { poolingLayers } from './layers/pooling.ts';
import { preprocessingLayers } from './layers/preprocessing.ts';
import { reshapeLayers } from './layers/reshape.ts';
import { operationNamed } from './operations.ts';
import { snakeCase } from './snake-case.ts';
import type { LayerSpec } from './topology.ts';

export const layerClasses: Readonly<Record<string, LayerClass>> = {
  ...activationLayers,
  ...attentionLayers,
  ...convLayers,
  ...denseLayers,
  ...identityLayers,
  ...mergeLayers,
  ...normalizationLayers,
  ...poolingLayers,
  ...preprocessingLayers,
  ...reshapeLayers,
};

/** Layers that keras.applications and their relatives register as their own; their code is known, so they are not foreign. */
const KNOWN_AUTHORS = new Set(['FixedDropout', 'LayerScale', 'StochasticDepth', 'CustomScaleLayer']);

/**
 * How to run a layer that is neither an input nor a nested model. Throws GradcamError `keras-custom-layer` for code that came
 * with the model, `keras-unknown-layer` for a class that is not in the table.
 */
export function layerClassOf(layer: LayerSpec): LayerClass {
  const { className, registeredName } = layer;
  if (className === 'InputLayer') return { apply: () => [] };
  if (className === 'Lambda') throw foreign(layer, 'a Lambda layer, whose Python code is in the file');
  const custom = [className, registeredName ?? ''].find((name) => name.includes('>'));
  const plain = className.replace(/^.*>/, '');
  if (custom !== undefined && !KNOWN_AUTHORS.has(plain))
    throw foreign(layer, `"${custom}", a layer of the model's author`);
  const operation = operationOf(layer);
  if (operation !== null) return operation;
  if (!layer.operation && Object.hasOwn(layerClasses, plain)) return layerClasses[plain]!;
  throw new GradcamError({
    code: 'keras-unknown-layer',
    what: `Layer ${layer.path} is a ${layer.operation ? 'function' : 'layer'} that gradcam does not know: ${nameOf(layer)}.`,
    expected: 'layers of Keras that image classifiers use',
    hint: 'Export the model to ONNX where it was trained, e.g. model.export("model.onnx", format="onnx"), and give that file.',
  });
}

function operationOf(layer: LayerSpec): LayerClass | null {
  const isLambda = layer.className === 'TFOpLambda' || layer.className === 'SlicingOpLambda';
  if (!layer.operation && !isLambda) return null;
  const operation = operationNamed(layer.operation ? snakeCase(layer.className) : nameOf(layer));
  return operation === null ? null : { apply: operation };
}

function nameOf(layer: LayerSpec): string {
  const { function: name } = layer.config;
  return typeof name === 'string' ? name : layer.className;
}

function foreign(layer: LayerSpec, found: string): GradcamError {
  return new GradcamError({
    code: 'keras-custom-layer',
    what: `Layer ${layer.path} runs code of its own, and gradcam never runs code from a model file.`,
    expected: 'layers that Keras itself defines',
    found,
    hint: 'Export the model to ONNX where its code is: model.export("model.onnx", format="onnx"). Give that file instead.',
  });
}
