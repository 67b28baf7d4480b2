// Attention layers, without masks.
import { sizeOf } from '../../../graph/tensor.ts';
import * as ops from '../../../trace/forward.ts';
import type { Value } from '../../../trace/forward.ts';
import { choiceOf, flagOf, isList, wholeOf, type Configured } from '../config.ts';
import {
  isTensor,
  maybeWeightOf,
  unsupported,
  variables,
  weightOf,
  type LayerCall,
  type LayerClass,
  type Variable,
} from '../layer.ts';

export const attentionLayers: Readonly<Record<string, LayerClass>> = {
  MultiHeadAttention: { variables: multiHeadVariables, apply: multiHeadAttention },
  Attention: { variables: (layer) => variables(flagOf(layer, 'use_scale', false) && 'scale'), apply: attention },
};

const PROJECTIONS = [
  { name: 'query', places: ['query_dense', '_query_dense'] },
  { name: 'key', places: ['key_dense', '_key_dense'] },
  { name: 'value', places: ['value_dense', '_value_dense'] },
  { name: 'attention_output', places: ['output_dense', '_output_dense'] },
] as const;

function multiHeadVariables(layer: Configured): Variable[] {
  const parts = flagOf(layer, 'use_bias', true) ? ['kernel', 'bias'] : ['kernel'];
  return PROJECTIONS.flatMap(({ name, places }) =>
    parts.map((part, index): Variable => ({
      names: [`${name}/${part}`],
      places: places.map((place) => `${place}/vars/${index}`),
    })),
  );
}

/** query [batch, ..., dim], value and key [batch, ..., dim] -> [batch, ..., dim]; several axes count as one sequence. */
function multiHeadAttention(call: LayerCall): Value | Value[] {
  refuseMasks(call, ['query_mask', 'value_mask', 'key_mask', 'attention_mask']);
  const [query, value = query, key = value] = argumentsOf(call, ['query', 'value', 'key']);
  if (query === undefined || value === undefined || key === undefined)
    throw unsupported(call, 'query and value', 'none');
  const axes = call.config.attention_axes;
  const all = query.shape.length - 2;
  const covered = isList(axes) ? axes.length : typeof axes === 'number' ? 1 : all;
  if (covered !== all || flagOf(call, 'use_gate', false) || (call.config.sliding_window ?? null) !== null) {
    throw unsupported(
      call,
      'attention over all axes between batch and features, without gate or window',
      'something else',
    );
  }
  const scale = 1 / Math.sqrt(wholeOf(call, 'key_dim', 1));
  const q = ops.mul(project(call, 'query', query), scale);
  const scores = ops.softmax(ops.matMul(q, project(call, 'key', key), false, true));
  const heads = ops.matMul(scores, project(call, 'value', value)); // [batch, heads, length, size]
  const [batch = 1, count = 1, length = 1, size = 1] = heads.shape;
  const joined = ops.reshape(ops.transpose(heads, [0, 2, 1, 3]), [batch, length, count * size]);
  const kernel = weightOf(call, 'attention_output/kernel'); // [heads, size, dim]
  const product = ops.matMul(joined, ops.reshape(kernel, [count * size, sizeOf(kernel.shape) / (count * size)]));
  const bias = maybeWeightOf(call, 'attention_output/bias');
  const output = bias === null ? product : ops.add(product, ops.reshape(bias, [sizeOf(bias.shape)]));
  const shaped = ops.reshape(output, [...query.shape.slice(0, -1), output.shape[2]!]);
  return call.kwargs.return_attention_scores === true ? [shaped, scores] : shaped;
}

/** [batch, ..., dim] by a kernel [dim, heads, size] -> [batch, heads, length, size] */
function project(call: LayerCall, name: string, x: Value): Value {
  const kernel = weightOf(call, `${name}/kernel`);
  const [dim = 1, heads = 1, size = 1] = kernel.shape;
  const [batch = 1] = x.shape;
  const length = sizeOf(x.shape) / (batch * dim);
  const product = ops.matMul(ops.reshape(x, [batch, length, dim]), ops.reshape(kernel, [dim, heads * size]));
  const bias = maybeWeightOf(call, `${name}/bias`);
  const biased = bias === null ? product : ops.add(product, ops.reshape(bias, [heads * size]));
  return ops.transpose(ops.reshape(biased, [batch, length, heads, size]), [0, 2, 1, 3]);
}

/** Inputs [query, value, key?] of [batch, length, dim]: softmax(query key^T) value. */
function attention(call: LayerCall): Value | Value[] {
  refuseMasks(call, ['mask']);
  choiceOf(call, 'score_mode', ['dot'], 'dot');
  const [query, value, key = value] = call.inputs;
  if (query === undefined || value === undefined || key === undefined)
    throw unsupported(call, 'query and value', 'less');
  const products = ops.matMul(query, key, false, true);
  const scale = maybeWeightOf(call, 'scale');
  const scores = ops.softmax(scale === null ? products : ops.mul(products, scale));
  const output = ops.matMul(scores, value);
  return call.kwargs.return_attention_scores === true ? [output, scores] : output;
}

/** Tensors given by position or by name. */
function argumentsOf(call: LayerCall, names: readonly string[]): (Value | undefined)[] {
  const positional = call.args.flatMap((argument) => (isList(argument) ? argument : [argument]));
  return names.map((name, index) => {
    const given = call.kwargs[name] ?? positional[index];
    return isTensor(given) ? given : undefined;
  });
}

function refuseMasks(call: LayerCall, names: readonly string[]): void {
  const mask = names.find((name) => (call.kwargs[name] ?? null) !== null);
  if (mask !== undefined) throw unsupported(call, 'attention without a mask', mask);
  if (call.kwargs.use_causal_mask === true) throw unsupported(call, 'attention without a mask', 'use_causal_mask');
}
