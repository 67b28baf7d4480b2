// The mean over all cells of something linear is the same linear map of the mean. Grad-CAM takes the mean of a gradient,
// and the last step of that gradient is a convolution of 1 x 1: done on one cell instead of all it costs nothing.
import { intOf, isEvery } from '../attributes.ts';
import { prune } from '../cut.ts';
import type { Graph, Node } from '../graph.ts';
import { constantOf, isKnown, numbersOf } from '../tensor.ts';

/**
 * The graph with ReduceMean over height and width ([batch, channels, height, width], axes kept) moved in front of sums and
 * convolutions of 1 x 1 that nothing else reads. Values change by rounding only.
 */
export function meanOfLinear(graph: Graph): Graph {
  const pass = new Pass(graph);
  const nodes = graph.nodes.flatMap((node) => pass.visit(node));
  if (pass.constants.size === graph.constants.size && nodes.length === graph.nodes.length) return graph;
  const rewritten = { ...graph, nodes, constants: pass.constants };
  return prune(
    rewritten,
    graph.outputs.map((port) => port.name),
  );
}

class Pass {
  readonly constants: Map<string, ReturnType<typeof constantOf>>;
  private readonly graph: Graph;
  private readonly producers: ReadonlyMap<string, Node>;
  private readonly uses = new Map<string, number>();
  private made: Node[] = [];
  private counter = 0;

  constructor(graph: Graph) {
    this.graph = graph;
    this.constants = new Map(graph.constants);
    this.producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
    for (const name of [...graph.nodes.flatMap((node) => node.inputs), ...graph.outputs.map((port) => port.name)]) {
      this.uses.set(name, (this.uses.get(name) ?? 0) + 1);
    }
  }

  visit(node: Node): Node[] {
    if (!this.isSpatialMean(node)) return [node];
    this.made = [];
    const mean = this.through(node.inputs[0]!);
    if (mean === null) return [node];
    return [...this.made, { ...node, op: 'Identity', inputs: [mean], attributes: {} }];
  }

  /** The mean of a value, computed from means of what it is made of; null where it is not linear in them. */
  private through(value: string): string | null {
    const node = this.producers.get(value);
    if (node === undefined || this.uses.get(value) !== 1 || node.domain !== '') return null;
    if (node.op === 'Add' || node.op === 'Sum') {
      const shape = this.shapeOf(value);
      if (shape === null || node.inputs.some((name) => this.shapeOf(name)?.join() !== shape.join())) return null;
      return this.add(
        node.op,
        node.inputs.map((name) => this.meanOf(name)),
        node.attributes,
      );
    }
    if (!this.isPointwise(node)) return null;
    const [input = '', filter = ''] = node.inputs;
    if (node.op === 'Conv' && isEvery(node, 'strides', 1))
      return this.add('Conv', [this.meanOf(input), filter], node.attributes);
    if (node.op !== 'ConvTranspose') return null;
    const [from, to] = [this.shapeOf(input), this.shapeOf(value)];
    if (from === null || to === null) return null;
    // Every cell before is spread over one cell after: the sums are equal, only the number of cells differs.
    const group = { group: { kind: 'int', value: intOf(node, 'group', 1) } } as const;
    const sums = this.add('ConvTranspose', [this.meanOf(input), filter], group);
    return this.add('Mul', [sums, this.scalar((from[2]! * from[3]!) / (to[2]! * to[3]!))], {});
  }

  private meanOf(value: string): string {
    return this.through(value) ?? this.add('ReduceMean', [value, this.axes()], { keepdims: { kind: 'int', value: 1 } });
  }

  private isSpatialMean(node: Node): boolean {
    if (node.op !== 'ReduceMean' || node.domain !== '' || intOf(node, 'keepdims', 1) !== 1) return false;
    const axes = this.constants.get(node.inputs[1] ?? '');
    const shape = this.shapeOf(node.inputs[0] ?? '');
    if (axes === undefined || shape?.length !== 4) return false;
    return (
      Array.from(numbersOf(axes), (axis) => (Number(axis) + 4) % 4)
        .sort()
        .join() === '2,3'
    );
  }

  /** A convolution of 1 x 1 without bias or padding. */
  private isPointwise(node: Node): boolean {
    if ((node.op !== 'Conv' && node.op !== 'ConvTranspose') || (node.inputs[2] ?? '') !== '') return false;
    const filter = this.constants.get(node.inputs[1] ?? '')?.shape;
    return (
      filter?.length === 4 &&
      filter[2] === 1 &&
      filter[3] === 1 &&
      isEvery(node, 'pads', 0) &&
      !('auto_pad' in node.attributes)
    );
  }

  private shapeOf(name: string): readonly number[] | null {
    const port = this.graph.inputs.find((candidate) => candidate.name === name);
    const shape = this.graph.types.get(name)?.shape ?? port?.type.shape ?? this.constants.get(name)?.shape ?? null;
    return shape !== null && isKnown(shape) ? shape : null;
  }

  private add(op: string, inputs: readonly string[], attributes: Node['attributes']): string {
    const name = this.fresh();
    this.made.push({ op, domain: '', name, inputs, outputs: [name], attributes });
    return name;
  }

  private scalar(value: number): string {
    const name = this.fresh();
    this.constants.set(name, constantOf('float32', [], [value]));
    return name;
  }

  private axes(): string {
    const name = 'mean/axes';
    if (!this.constants.has(name)) this.constants.set(name, constantOf('int64', [2], [2, 3]));
    return name;
  }

  private fresh(): string {
    return `mean/${this.counter++}`;
  }
}
