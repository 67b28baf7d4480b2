// How pictures were prepared for a GraphModel: from arithmetic on the input before the first convolution, else from the name
// of a keras.applications network in the names of nodes.
import type { Constant } from '../../graph/graph.ts';
import { floatsOf } from '../../graph/tensor.ts';
import { applicationOf, BYTES, UNIT, type Preprocessing } from '../keras/preprocessing.ts';
import { placeOf, type GraphNode } from './node.ts';

const ARITHMETIC = /^(Mul|RealDiv|Div|Sub|Add|AddV2|BiasAdd)$/;
const PASSING = /^(Identity|Cast|Pad|PadV2|ReverseV2|StridedSlice|Transpose|Reshape)$/;

export function graphPreprocessing(
  nodes: readonly GraphNode[],
  input: string,
  constants: ReadonlyMap<string, Constant>,
): Preprocessing | null {
  const segments = [...new Set(nodes.map(({ name }) => name).join('/').split('/'))]; // prettier-ignore
  const application = applicationOf(segments, segments);
  const inside = scalingAfter(nodes, input, constants);
  if (inside === null) return application;
  const size = application?.spec.size;
  return size === undefined ? inside : { ...inside, spec: { ...inside.spec, size } };
}

/** The first arithmetic with a constant that the input goes through, following nodes that only pass it on. */
function scalingAfter(
  nodes: readonly GraphNode[],
  input: string,
  constants: ReadonlyMap<string, Constant>,
): Preprocessing | null {
  let value = input;
  for (let step = 0; step < 16; step++) {
    const user = nodes.find((node) => node.inputs.some((name) => plain(name) === value));
    if (user === undefined) return null;
    if (ARITHMETIC.test(user.op)) {
      const other = user.inputs.map(plain).find((name) => name !== value);
      const constant = other === undefined ? undefined : constants.get(other);
      if (constant === undefined) return null;
      const largest = floatsOf(constant).reduce((size, number) => Math.max(size, Math.abs(number)), 0);
      const bytes = user.op === 'Mul' ? largest < 0.1 : largest > 2;
      return { spec: bytes ? BYTES : UNIT, why: `the model scales inside, at its node ${user.name}` };
    }
    if (!PASSING.test(user.op)) return null;
    value = user.name;
  }
  return null;
}

const plain = (input: string): string => placeOf(input.replace(/^\^/, '')).node;
