// How pictures were prepared for a Keras model, from what the file tells: layers that scale inside the model, or the name of
// a keras.applications network, whose `preprocess_input` is known.
import { floatsOf } from '../../graph/tensor.ts';
import type { InputSpec } from '../../image/picture.ts';
import { isFields, isList, type Fields } from './config.ts';
import { rescalingOf } from './layers/preprocessing.ts';
import { refsOf } from './topology-order.ts';
import type { Argument, CallSpec, LayerSpec, ModelSpec } from './topology.ts';
import type { ModelWeights } from './weights.ts';

export interface Preprocessing {
  readonly spec: Partial<InputSpec>;
  /** Half a sentence for the report. */
  readonly why: string;
}

export const BYTES: Partial<InputSpec> = { scale: [0, 255], mean: [0, 0, 0], std: [1, 1, 1], channels: 'rgb' };
export const UNIT: Partial<InputSpec> = { scale: [0, 1], mean: [0, 0, 0], std: [1, 1, 1], channels: 'rgb' };
const SIGNED: Partial<InputSpec> = { scale: [-1, 1], mean: [0, 0, 0], std: [1, 1, 1], channels: 'rgb' };
const TORCH: Partial<InputSpec> = {
  scale: [0, 1],
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
  channels: 'rgb',
};
/** Blue first, means of ImageNet subtracted, not scaled. */
const CAFFE: Partial<InputSpec> = {
  scale: [0, 255],
  mean: [103.939, 116.779, 123.68],
  std: [1, 1, 1],
  channels: 'bgr',
};

interface Application {
  readonly title: string;
  /** Names of the model itself, as keras.applications gives them. */
  readonly model: RegExp;
  /** A layer that only this family has, for models that were built on without nesting. */
  readonly layer?: RegExp;
  readonly spec: Partial<InputSpec>;
  readonly size?: number;
}

/** The first that fits counts. */
const applications: readonly Application[] = [
  { title: 'ResNetV2', model: /^resnet(50|101|152)v2$/i, layer: /^conv5_block\d+_preact_bn$/, spec: SIGNED, size: 224 },
  { title: 'ResNet', model: /^resnet(50|101|152)$/i, layer: /^conv5_block\d+_3_conv$/, spec: CAFFE, size: 224 },
  { title: 'VGG', model: /^vgg(16|19)$/i, layer: /^block5_conv[34]$/, spec: CAFFE, size: 224 },
  { title: 'DenseNet', model: /^densenet(121|169|201)$/i, layer: /^conv5_block\d+_concat$/, spec: TORCH, size: 224 },
  {
    title: 'MobileNetV2',
    model: /^mobilenetv2_[\d.]+_\d+$/i,
    layer: /^block_16_project(_BN)?$/,
    spec: SIGNED,
    size: 224,
  },
  { title: 'MobileNet', model: /^mobilenet_[\d.]+_\d+$/i, layer: /^conv_pw_13(_relu)?$/, spec: SIGNED, size: 224 },
  { title: 'InceptionResNetV2', model: /^inception_resnet_v2$/i, layer: /^conv_7b(_ac)?$/, spec: SIGNED, size: 299 },
  { title: 'InceptionV3', model: /^inception_v3$/i, layer: /^mixed10$/, spec: SIGNED, size: 299 },
  { title: 'Xception', model: /^xception$/i, layer: /^block14_sepconv2(_act)?$/, spec: SIGNED, size: 299 },
  { title: 'NASNet', model: /^nasnet/i, layer: /^normal_conv_1_\d+$/, spec: SIGNED },
  { title: 'EfficientNetV2', model: /^efficientnetv2/i, spec: BYTES },
  { title: 'EfficientNet', model: /^efficientnet-?b[0-7]$/i, spec: BYTES },
  { title: 'MobileNetV3', model: /^mobilenet_?v3/i, spec: BYTES, size: 224 },
  { title: 'ConvNeXt', model: /^convnext/i, spec: BYTES, size: 224 },
  { title: 'RegNet', model: /^regnet/i, spec: BYTES, size: 224 },
  { title: 'ResNet-RS', model: /^resnet-rs/i, spec: BYTES },
];

/** What the model tells, or null. */
export function preprocessingOf(model: ModelSpec, weights: ModelWeights): Preprocessing | null {
  const inside = scalingInside(model, weights);
  const application = applicationOf([model.name, ...nestedNames(model)], layerNames(model));
  if (inside === null) return application;
  const size = application?.spec.size;
  return { ...inside, spec: { ...inside.spec, ...(size === undefined ? {} : { size }) } };
}

/** The network of keras.applications that has such a name, or such layers. */
export function applicationOf(models: readonly string[], layers: readonly string[]): Preprocessing | null {
  for (const { title, model, layer, spec, size } of applications) {
    const fits =
      models.some((name) => model.test(name)) || (layer !== undefined && layers.some((name) => layer.test(name)));
    if (fits) {
      const sized = size === undefined ? spec : { ...spec, size: [size, size] as const };
      return { spec: sized, why: `the model is a Keras ${title}, and its preprocess_input does that` };
    }
  }
  return null;
}

function nestedNames(model: ModelSpec): string[] {
  return model.layers.flatMap((layer) =>
    layer.inner === null ? [] : [layer.name, layer.inner.name, ...nestedNames(layer.inner)],
  );
}

function layerNames(model: ModelSpec): string[] {
  return model.layers.flatMap((layer) => (layer.inner === null ? [layer.name] : layerNames(layer.inner)));
}

/** Layers before the first one with learned filters that change the range of values decide what range is fed. */
function scalingInside(model: ModelSpec, weights: ModelWeights): Preprocessing | null {
  for (const { layer, call } of model.order) {
    if (call > 0) continue;
    if (/Conv|Dense/.test(layer.className)) return null;
    const spec = layer.calls[call];
    const found =
      layer.inner === null
        ? spec === undefined
          ? null
          : rangeOf(layer, spec, weights)
        : scalingInside(layer.inner, weights);
    if (found !== null) return found;
    if (layer.inner !== null && hasFilters(layer.inner)) return null;
  }
  return null;
}

function hasFilters(model: ModelSpec): boolean {
  return model.layers.some(
    (layer) => /Conv|Dense/.test(layer.className) || (layer.inner !== null && hasFilters(layer.inner)),
  );
}

/** What a layer says about the range of its input. */
function rangeOf(layer: LayerSpec, call: CallSpec, weights: ModelWeights): Preprocessing | null {
  if (layer.className === 'Rescaling') {
    const small = Math.max(...rescalingOf(layer, 'scale', 1).map(Math.abs)) < 0.1;
    return { spec: small ? BYTES : UNIT, why: `the model scales inside, in its layer ${layer.path}` };
  }
  if (layer.className === 'Normalization') {
    const array = weights.get(layer)?.get('mean');
    const means = array === undefined ? numbersIn(layer.config.mean) : [...floatsOf(array)];
    const large = means.some((mean) => Math.abs(mean) > 2);
    return { spec: large ? BYTES : UNIT, why: `the model normalises inside, in its layer ${layer.path}` };
  }
  return arithmeticRange(layer, call);
}

/** `x / 255`, `x - mean` and the like, written between layers. */
function arithmeticRange(layer: LayerSpec, call: CallSpec): Preprocessing | null {
  const name =
    typeof layer.config.function === 'string'
      ? layer.config.function
      : layer.operation
        ? layer.className.toLowerCase()
        : '';
  const operator = name.split('.').at(-1) ?? '';
  if (refsOf(call).length !== 1) return null;
  const numbers = [...call.args, ...Object.values(call.kwargs)].flatMap(constantsIn).map(Math.abs);
  if (numbers.length === 0) return null;
  const largest = Math.max(...numbers);
  const why = `the model scales inside, in ${layer.path}`;
  if (/^(true_?)?div(ide)?$/.test(operator)) return { spec: largest > 2 ? BYTES : UNIT, why };
  if (operator === 'multiply') return { spec: largest < 0.1 ? BYTES : UNIT, why };
  if (/^(subtract|add|bias_add)$/.test(operator)) return { spec: largest > 2 ? BYTES : UNIT, why };
  return null;
}

function constantsIn(argument: Argument): number[] {
  if (argument.kind === 'value') return numbersIn(argument.value);
  if (argument.kind === 'list') return argument.items.flatMap(constantsIn);
  return [];
}

function numbersIn(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  if (isList(value)) return value.flat(8).filter((item): item is number => typeof item === 'number');
  const config: Fields | undefined = isFields(value) && isFields(value.config) ? value.config : undefined;
  return config === undefined ? [] : numbersIn(config.value);
}
