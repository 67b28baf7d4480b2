// TensorFlow saves a dilated convolution as three nodes: the image dealt out into batches, a plain convolution, the batches put
// together again. Read back as one node the picture keeps its height and width, and so do the maps.
import { numbersOf } from '../../graph/tensor.ts';
import type { ConstantLookup, GraphNode } from './graph-model.ts';

const CONVOLUTION = /^(Conv2D|_FusedConv2D|DepthwiseConv2dNative|FusedDepthwiseConv2dNative)$/;

/** Whether there may be something for `withDilations` to do. */
export const hasDilations = (nodes: readonly GraphNode[]): boolean => nodes.some(({ op }) => op === 'BatchToSpaceND');

/** The nodes with every SpaceToBatchND, convolution, BatchToSpaceND as one dilated convolution of the last one's name. */
export function withDilations(nodes: readonly GraphNode[], constants: ConstantLookup): GraphNode[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const pairs = (name: string | undefined): number[] | null => {
    const constant = name === undefined ? undefined : constants(name);
    return constant === undefined ? null : Array.from(numbersOf(constant));
  };
  return nodes.map((gather) => {
    if (gather.op !== 'BatchToSpaceND') return gather;
    const convolution = byName.get(gather.input[0] ?? '');
    if (convolution === undefined || !CONVOLUTION.test(convolution.op)) return gather;
    const deal = byName.get(convolution.input[0] ?? '');
    if (deal?.op !== 'SpaceToBatchND') return gather;
    const [steps, pads, crops] = [pairs(deal.input[1]), pairs(deal.input[2]), pairs(gather.input[2])];
    if (
      steps?.length !== 2 ||
      pads?.length !== 4 ||
      crops?.length !== 4 ||
      pairs(gather.input[1])?.join() !== steps.join()
    )
      return gather;
    const own = pads.map((pad, index) => pad - crops[index]!);
    if (own.some((pad) => pad < 0)) return gather;
    const attr = {
      ...convolution.attr,
      dilations: integers([1, ...steps, 1]),
      padding: { s: Buffer.from('EXPLICIT').toString('base64') },
      explicit_paddings: integers([0, 0, ...own, 0, 0]),
    };
    return { name: gather.name, op: convolution.op, input: [deal.input[0] ?? '', ...convolution.input.slice(1)], attr };
  });
}

function integers(values: readonly number[]): { list: { i: string[] } } {
  return { list: { i: values.map(String) } };
}
