// Types of all values of a graph, from those of its inputs; shape arithmetic worked out and replaced by its results.
// Each operator's rule is in rules/, how elements of small tensors follow is in values/.
import { readsOf } from './cut.ts';
import type { Constant, Dim, Graph, Node, TensorType } from './graph.ts';
import type { RuleContext } from './rules/rule.ts';
import { ruleOf } from './rules/rules.ts';
import { evaluationOf } from './values/evaluations.ts';
import { constantOfSmall, smallOf, type SmallTensor } from './values/small.ts';

/** Something a node asks for that cannot be: shapes that do not fit, element types that differ. */
export interface Problem {
  readonly node: Node;
  readonly message: string;
}

export interface Inference {
  readonly graph: Graph;
  readonly problems: readonly Problem[];
}

/**
 * The graph with its inputs fixed to `inputShapes`, and with:
 * - `types`: every value whose type follows, graph inputs and outputs included, constants not. Dimensions that do not
 *   follow are null; what the file said about them is kept. Operators without a rule leave their outputs as the file has
 *   them, or out.
 * - nodes whose outputs are small and known beforehand (shape arithmetic once the input is fixed, Identity of a constant)
 *   replaced by constants of the same names, unless a graph output. So a known shape input of Reshape, Slice, Pad, Resize
 *   is in `constants`.
 * - constants that no node reads any more left out.
 * - output ports with the types found.
 *
 * Never throws on operators or shapes; a GradcamError where an attribute has the wrong kind.
 */
export function inferTypes(graph: Graph, inputShapes: Readonly<Record<string, readonly Dim[]>> = {}): Graph {
  return infer(graph, inputShapes).graph;
}

/** As inferTypes, with what cannot run. */
export function infer(graph: Graph, inputShapes: Readonly<Record<string, readonly Dim[]>> = {}): Inference {
  const flow = new TypeFlow(graph, inputShapes);
  for (const node of graph.nodes) flow.visit(node);
  return flow.result();
}

/** Tensors of more axes than any operator makes are taken as unknown. */
const MOST_AXES = 64;
/** All small tensors together are followed up to this many elements, against graphs made to fill the memory. */
const MOST_FOLLOWED = 2 ** 22;

/** Inference node by node, for callers that make nodes as they go. */
export class TypeFlow {
  private readonly graph: Graph;
  private readonly inputs: Graph['inputs'];
  private readonly types = new Map<string, TensorType>();
  /** What is known of small values; null: looked at, too large. */
  private readonly values = new Map<string, SmallTensor | null>();
  private readonly constants: Map<string, Constant>;
  private readonly nodes: Node[] = [];
  private readonly problems: Problem[] = [];
  private readonly outputs: ReadonlyMap<string, TensorType>;
  private followed = 0;
  /** What the file says of inner shapes holds for the input shapes it was written for. */
  private readonly trustsFile: boolean;

  constructor(graph: Graph, inputShapes: Readonly<Record<string, readonly Dim[]>>) {
    this.graph = graph;
    this.constants = new Map(graph.constants);
    this.outputs = new Map(graph.outputs.map((port) => [port.name, port.type]));
    this.inputs = graph.inputs.map((port) => {
      const shape = Object.hasOwn(inputShapes, port.name) ? inputShapes[port.name] : undefined;
      return shape === undefined ? port : { name: port.name, type: { dtype: port.type.dtype, shape } };
    });
    this.trustsFile = this.inputs.every(({ type }, index) => fits(type.shape, graph.inputs[index]?.type.shape ?? null));
    for (const { name, type } of this.inputs) this.types.set(name, type);
  }

  /** Adds a constant that nodes to come read. */
  define(name: string, constant: Constant): void {
    this.constants.set(name, constant);
  }

  /** Takes the next node, whose inputs have all been seen. */
  visit(node: Node): void {
    const context = this.contextOf(node);
    const inferred = ruleOf(node.op, node.domain)?.(context) ?? [];
    const types = node.outputs.map((name, index) => {
      const type = this.merged(name, inferred[index]);
      if (type !== undefined && name !== '') this.types.set(name, type);
      return type;
    });
    if (!this.fold(node, context, types)) this.nodes.push(node);
  }

  /** The graph of all nodes visited, see inferTypes. */
  result(): Inference {
    const outputs = this.graph.outputs.map(({ name, type }) => {
      const found = this.types.get(name) ?? this.constants.get(name);
      return { name, type: found === undefined ? type : { dtype: found.dtype, shape: found.shape } };
    });
    const { inputs, nodes, types, problems } = this;
    const read = new Set([...this.outputs.keys(), ...nodes.flatMap(readsOf)]);
    const constants = new Map([...this.constants].filter(([name]) => read.has(name)));
    return { graph: { ...this.graph, inputs, outputs, nodes, constants, types }, problems };
  }

  private contextOf(node: Node): RuleContext {
    return {
      node,
      inputs: node.inputs.map((name) => this.typeOf(name)),
      value: (index) => this.valueOf(node.inputs[index] ?? ''),
      fail: (message) => this.problems.push({ node, message }),
    };
  }

  /** The type of a value seen so far. */
  typeOf(name: string): TensorType | undefined {
    return this.types.get(name) ?? this.constants.get(name);
  }

  private valueOf(name: string): SmallTensor | undefined {
    const known = this.values.get(name);
    if (known !== undefined) return known ?? undefined;
    const constant = this.constants.get(name);
    const value = constant === undefined ? undefined : smallOf(constant);
    this.values.set(name, value ?? null);
    return value;
  }

  /** Works out the elements of a node's outputs; true where all are known, and constants have taken the node's place. */
  private fold(node: Node, context: RuleContext, types: readonly (TensorType | undefined)[]): boolean {
    if (node.op === 'Identity' && node.domain === '') return this.alias(node);
    if (this.followed > MOST_FOLLOWED) return false;
    const found = evaluationOf(node.op, node.domain)?.(context, types) ?? [];
    const constants = node.outputs.map((name, index) => {
      const value = found[index];
      if (value === undefined || name === '') return null;
      this.values.set(name, value);
      this.followed += value.values.length;
      return constantOfSmall(value);
    });
    if (node.outputs.length === 0 || !constants.every((constant) => constant !== null)) return false;
    if (node.outputs.some((name) => this.outputs.has(name))) return false;
    node.outputs.forEach((name, index) => {
      const constant = constants[index];
      if (constant !== undefined) this.constants.set(name, constant);
      this.types.delete(name);
    });
    return true;
  }

  /** Identity of a constant of any size, as exporters write shared weights. */
  private alias(node: Node): boolean {
    const [from = '', to = ''] = [node.inputs[0], node.outputs[0]];
    const value = this.valueOf(from);
    if (value !== undefined) this.values.set(to, value);
    const constant = this.constants.get(from);
    if (constant === undefined || this.outputs.has(to)) return false;
    this.constants.set(to, constant);
    this.types.delete(to);
    return true;
  }

  /** What the rule says, filled up with what the file says. */
  private merged(name: string, inferred: TensorType | undefined): TensorType | undefined {
    const declared = this.graph.types.get(name) ?? this.outputs.get(name);
    if (inferred === undefined)
      return declared === undefined || this.trustsFile ? declared : { ...declared, shape: null };
    const shape = inferred.shape && inferred.shape.length <= MOST_AXES ? inferred.shape.map(validDim) : null;
    if (declared === undefined || !this.trustsFile || declared.dtype !== inferred.dtype)
      return { dtype: inferred.dtype, shape };
    return { dtype: inferred.dtype, shape: filledUp(shape, declared.shape) };
  }
}

/** Sizes that no tensor has are not known. */
function validDim(dim: Dim): Dim {
  return dim !== null && Number.isSafeInteger(dim) && dim >= 0 ? dim : null;
}

function filledUp(shape: readonly Dim[] | null, declared: readonly Dim[] | null): readonly Dim[] | null {
  if (shape === null) return declared;
  if (declared?.length !== shape.length) return shape;
  return shape.map((dim, axis) => dim ?? declared[axis] ?? null);
}

/** Whether a shape is one of those that the file allows. */
function fits(shape: readonly Dim[] | null, declared: readonly Dim[] | null): boolean {
  if (shape === declared || declared === null) return true;
  if (shape?.length !== declared.length) return false;
  return declared.every((dim, axis) => dim === null || dim === shape[axis]);
}
