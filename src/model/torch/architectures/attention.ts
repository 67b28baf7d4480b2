// Attention between tokens, as vision transformers share it. Vaswani et al. 2017, https://arxiv.org/abs/1706.03762
import type { Network, Value } from '../network.ts';

export interface AttentionOptions {
  /** [3 * width, width]: projections to queries, keys and values, one below the other. */
  readonly weight: Value;
  readonly bias: Value | null;
  /** Path of the projection of the result. */
  readonly out: string;
  readonly heads: number;
  /** Changes the scores [groups, heads, tokens, tokens] before their softmax. */
  readonly adjust?: (scores: Value) => Value;
}

/** softmax(q k' / sqrt(d)) v for every head, projected: [groups, tokens, width] -> the same shape. */
export function attention(net: Network, x: Value, path: string, options: AttentionOptions): Value {
  const { weight, bias, out, heads, adjust } = options;
  const [groups = 1, tokens = 1, width = 1] = x.shape;
  const depth = width / heads;
  const projected = net.reshape(net.product(x, weight, bias, `${path}.qkv`), [groups, tokens, 3, heads, depth], path);
  const split = net.transpose(projected, path, [2, 0, 3, 1, 4]);
  const [q, k, v] = [0, 1, 2].map((index) => net.select(split, 0, index, path)) as [Value, Value, Value];
  const scores = net.matMul(net.scale(q, depth ** -0.5, path), net.transpose(k, path, [0, 1, 3, 2]), path);
  const shares = net.softmax(adjust === undefined ? scores : adjust(scores), path);
  const mixed = net.transpose(net.matMul(shares, v, path), path, [0, 2, 1, 3]);
  return net.linear(net.reshape(mixed, [groups, tokens, width], path), out);
}
