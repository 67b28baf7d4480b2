// TensorFlow saves a dilated convolution as three nodes: the image dealt out into batches, a plain convolution, the batches put
// together again. Read back as one node the picture keeps its height and width, and so do the maps.
import type { Constant } from '../../graph/graph.ts';
import { numbersOf } from '../../graph/tensor.ts';
import type { Attribute, GraphNode } from './node.ts';

const CONVOLUTION = /^(Conv2D|_FusedConv2D|DepthwiseConv2dNative|FusedDepthwiseConv2dNative)$/;

/** The nodes with every SpaceToBatchND, convolution, BatchToSpaceND as one dilated convolution of the last one's name. */
export function withDilations(
  nodes: readonly GraphNode[],
  constants: ReadonlyMap<string, Constant>,
): readonly GraphNode[] {
  if (!nodes.some(({ op }) => op === 'BatchToSpaceND')) return nodes;
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const pairs = (name: string | undefined): number[] | null => {
    const constant = name === undefined ? undefined : constants.get(name);
    return constant === undefined ? null : Array.from(numbersOf(constant));
  };
  return nodes.map((gather) => {
    if (gather.op !== 'BatchToSpaceND') return gather;
    const convolution = byName.get(gather.inputs[0] ?? '');
    if (convolution === undefined || !CONVOLUTION.test(convolution.op)) return gather;
    const deal = byName.get(convolution.inputs[0] ?? '');
    if (deal?.op !== 'SpaceToBatchND') return gather;
    const [steps, pads, crops] = [pairs(deal.inputs[1]), pairs(deal.inputs[2]), pairs(gather.inputs[2])];
    const isSame = pairs(gather.inputs[1])?.join() === steps?.join();
    if (steps?.length !== 2 || pads?.length !== 4 || crops?.length !== 4 || !isSame) return gather;
    const own = pads.map((pad, index) => pad - crops[index]!);
    if (own.some((pad) => pad < 0)) return gather;
    const changed: Readonly<Record<string, Attribute>> = {
      dilations: { list: { i: [1, ...steps, 1] } },
      padding: { s: 'EXPLICIT' },
      explicit_paddings: { list: { i: [0, 0, ...own, 0, 0] } },
    };
    return {
      name: gather.name,
      op: convolution.op,
      inputs: [deal.inputs[0] ?? '', ...convolution.inputs.slice(1)],
      attribute: (name) => changed[name] ?? convolution.attribute(name),
    };
  });
}
