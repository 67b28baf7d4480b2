// A graph in the making: nodes, constants and types collected one by one, names made up, what no output needs dropped.
import { GradcamError } from '../lib/errors.ts';
import { prune } from './cut.ts';
import type { Attribute, Constant, Graph, Node, Port, TensorType } from './graph.ts';

/** Constants up to this many bytes are compared with earlier ones and kept once. */
const COMPARED = 512;

export interface BuilderOptions {
  /** Version of the default operator set; default 18. */
  readonly opset?: number;
  /** Other operator sets that nodes use. */
  readonly domains?: Readonly<Record<string, number>>;
  /** Start of every name made up; default `v`. */
  readonly prefix?: string;
}

export interface NodeOptions {
  /** Operator set; default ONNX's own. */
  readonly domain?: string;
  readonly scope?: string;
  /** Types of the outputs, where known. */
  readonly types?: readonly TensorType[];
}

export class GraphBuilder {
  private readonly opset: number;
  private readonly domains: Record<string, number>;
  private readonly prefix: string;
  private readonly inputs: Port[] = [];
  private readonly nodes: Node[] = [];
  private readonly constants = new Map<string, Constant>();
  private readonly types = new Map<string, TensorType>();
  private readonly functions: Uint8Array[] = [];
  private readonly taken = new Set<string>();
  /** Content of a small constant -> its name. */
  private readonly known = new Map<string, string>();
  private counter = 0;

  constructor(options: BuilderOptions = {}) {
    this.opset = options.opset ?? 18;
    this.domains = { ...options.domains };
    this.prefix = options.prefix ?? 'v';
  }

  /** A name that no value has yet. */
  fresh(): string {
    for (;;) {
      const name = `${this.prefix}${this.counter++}`;
      if (!this.taken.has(name)) return this.take(name);
    }
  }

  /** Adds a graph input. Throws when the name is taken, as everything here does that names a value. */
  input(name: string, type: TensorType): string {
    this.inputs.push({ name: this.take(name), type });
    return name;
  }

  /** Adds a constant and returns its name; a small one that is already there is reused, unless a name is asked for. */
  constant(constant: Constant, name?: string): string {
    if (name !== undefined) {
      this.constants.set(this.take(name), constant);
      return name;
    }
    const key = constant.bytes.length <= COMPARED ? contentOf(constant) : null;
    const earlier = key === null ? undefined : this.known.get(key);
    if (earlier !== undefined) return earlier;
    const made = this.fresh();
    this.constants.set(made, constant);
    if (key !== null) this.known.set(key, made);
    return made;
  }

  /** Adds a node and returns the names of its outputs: those given, or as many new ones as asked for. */
  node(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    outputs: number | readonly string[] = 1,
    options: NodeOptions = {},
  ): readonly string[] {
    const names =
      typeof outputs === 'number'
        ? Array.from({ length: outputs }, () => this.fresh())
        : outputs.map((name) => (name === '' ? name : this.take(name)));
    options.types?.forEach((type, index) => this.setType(names[index] ?? '', type));
    const scope = options.scope === undefined ? {} : { scope: options.scope };
    this.nodes.push({ op, domain: options.domain ?? '', name: '', inputs, outputs: names, attributes, ...scope });
    return names;
  }

  /**
   * Adds nodes of another graph as they are, with the constants, types and functions that belong to them. Their inputs must
   * bear names that are inputs, constants or earlier outputs here.
   */
  append(nodes: readonly Node[], from: Graph): void {
    for (const node of nodes) {
      for (const name of [...node.inputs, ...(node.captures ?? [])]) {
        const constant = from.constants.get(name);
        if (constant !== undefined && !this.constants.has(name)) this.constants.set(this.take(name), constant);
      }
      for (const name of node.outputs) {
        if (name === '') continue;
        this.take(name);
        const type = from.types.get(name) ?? from.outputs.find((port) => port.name === name)?.type;
        if (type !== undefined) this.setType(name, type);
      }
      this.nodes.push(node);
    }
    Object.assign(this.domains, from.domains);
    for (const bytes of from.functions ?? []) if (!this.functions.includes(bytes)) this.functions.push(bytes);
  }

  setType(name: string, type: TensorType): void {
    if (name !== '') this.types.set(name, type);
  }

  typeOf(name: string): TensorType | undefined {
    return this.types.get(name) ?? this.constants.get(name) ?? this.inputs.find((port) => port.name === name)?.type;
  }

  /**
   * The graph with these outputs and nothing that they do not need. An output that asks for another name than its value's
   * gets an Identity node.
   */
  finish(outputs: readonly (Port & { readonly value?: string })[]): Graph {
    for (const { name, type, value } of outputs) {
      if (value !== undefined && value !== name) this.node('Identity', [value], {}, [name]);
      this.setType(name, type);
    }
    const graph: Graph = {
      opset: this.opset,
      domains: this.domains,
      inputs: this.inputs,
      outputs: outputs.map(({ name, type }) => ({ name, type })),
      nodes: this.nodes,
      constants: this.constants,
      types: this.types,
      ...(this.functions.length > 0 ? { functions: this.functions } : {}),
    };
    return prune(
      graph,
      outputs.map((port) => port.name),
    );
  }

  private take(name: string): string {
    if (name === '' || this.taken.has(name)) {
      throw new GradcamError({ code: 'name-taken', what: `Value '${name}' is already there.`, exitCode: 2 });
    }
    this.taken.add(name);
    return name;
  }
}

function contentOf({ dtype, shape, bytes }: Constant): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  return `${dtype}[${shape.join()}]${text}`;
}
