// Layers that do nothing at inference, and the small layers that keras.applications bring along under their own names.
import * as ops from '../../../trace/forward.ts';
import type { Value } from '../../../trace/forward.ts';
import { numberOf } from '../config.ts';
import { inputOf, unsupported, weightOf, type LayerCall, type LayerClass } from '../layer.ts';

const identity: LayerClass = { apply: (call) => inputOf(call) };

const NOTHING_AT_INFERENCE = [
  'Identity',
  'ActivityRegularization',
  'Dropout',
  'SpatialDropout1D',
  'SpatialDropout2D',
  'AlphaDropout',
  'GaussianDropout',
  'GaussianNoise',
  'StochasticDepth',
  'FixedDropout',
  'CutMix',
  'MixUp',
  'RandAugment',
  'RandomBrightness',
  'RandomColorDegeneration',
  'RandomColorJitter',
  'RandomContrast',
  'RandomElasticTransform',
  'RandomErasing',
  'RandomFlip',
  'RandomGaussianBlur',
  'RandomGrayscale',
  'RandomHeight',
  'RandomHue',
  'RandomInvert',
  'RandomPerspective',
  'RandomPosterization',
  'RandomRotation',
  'RandomSaturation',
  'RandomSharpness',
  'RandomShear',
  'RandomTranslation',
  'RandomWidth',
  'RandomZoom',
] as const;

export const identityLayers: Readonly<Record<string, LayerClass>> = {
  ...Object.fromEntries(NOTHING_AT_INFERENCE.map((name) => [name, identity])),
  LayerScale: { variables: () => [{ names: ['gamma', 'layer_scale', 'variable', 'Variable'] }], apply: layerScale },
  CustomScaleLayer: { apply: customScale },
};

/** ConvNeXt: x times one number per channel. */
function layerScale(call: LayerCall): Value {
  return ops.mul(inputOf(call), weightOf(call, 'gamma'));
}

/** Inception-ResNet: first input plus the second times a number. */
function customScale(call: LayerCall): Value {
  const [x, residual] = call.inputs;
  if (x === undefined || residual === undefined) throw unsupported(call, 'two inputs', `${call.inputs.length}`);
  return ops.add(x, ops.mul(residual, numberOf(call, 'scale', 1)));
}
