// What TensorFlow's fused operators do after their product: a bias, an activation.
import { GradcamError } from '../../../lib/errors.ts';
import * as ops from '../../../trace/forward.ts';
import { numberOf, type GraphNode } from '../node.ts';
import { inputAt } from '../operator.ts';

type Value = ops.Value;

interface Fused {
  readonly bias: Value | null;
  readonly activation: (y: Value) => Value;
}

/** By the attribute `fused_ops`; bias and slopes are the inputs after the product's own two. */
export function fusedOf(inputs: readonly Value[], node: GraphNode): Fused {
  const names = (node.attribute('fused_ops')?.list?.s ?? []).map((name) => name.toLowerCase());
  const hasBias = names[0] === 'biasadd';
  const [activation = 'linear', ...others] = hasBias ? names.slice(1) : names;
  if (others.length > 0) throw unknown(names);
  const bias = hasBias ? inputAt(inputs, 2) : null;
  return { bias, activation: (y) => activated(activation, y, { inputs: inputs.slice(hasBias ? 3 : 2), node }) };
}

function activated(
  name: string,
  y: Value,
  { inputs, node }: { readonly inputs: readonly Value[]; readonly node: GraphNode },
): Value {
  switch (name) {
    case 'linear':
      return y;
    case 'relu':
      return ops.relu(y);
    case 'relu6':
      return ops.relu6(y);
    case 'elu':
      return ops.elu(y);
    case 'sigmoid':
      return ops.sigmoid(y);
    case 'tanh':
      return ops.tanh(y);
    case 'leakyrelu':
      return ops.leakyRelu(y, numberOf(node, 'leakyrelu_alpha', 0.2));
    case 'prelu':
      return ops.prelu(y, inputAt(inputs, 0));
  }
  throw unknown([name]);
}

function unknown(names: readonly string[]): GradcamError {
  return new GradcamError({
    code: 'graph-model',
    what: `it fuses ${names.join(' and ')}, which is not known here`,
    expected: 'a bias and one of relu, relu6, elu, sigmoid, tanh, leakyrelu, prelu',
  });
}
