// A graph that calls functions becomes one without: bodies take the place of calls, variables become known by what they are,
// and only what the outputs need is kept.
import { MalformedError, type WireReader } from '../../onnx/protobuf.ts';
import { readFunction, type FunctionDef, type GraphDef, type NodeDef } from './graph-def.ts';
import { CALL_SCOPE, placeOf, type Attribute } from './node.ts';

/** A node of the file, whose inputs name nodes of the flat list, `name` or `name:index`. */
export class FlatNode implements NodeDef {
  name: string;
  inputs: readonly string[];
  /** For a read of a variable: the node of the main graph that holds it. */
  readonly variable: string | undefined;
  private readonly node: NodeDef;

  constructor(node: NodeDef, name: string, inputs: readonly string[], variable?: string) {
    this.node = node;
    this.name = name;
    this.inputs = inputs;
    this.variable = variable;
  }

  /** A read of a variable is a constant whose array lies in the checkpoint. */
  get op(): string {
    return this.variable === undefined ? this.node.op : 'Const';
  }

  attribute(name: string): Attribute | undefined {
    return this.node.attribute(name);
  }

  stored(name: string): WireReader | undefined {
    return this.variable === undefined ? this.node.stored(name) : undefined;
  }
}

const CALLS: ReadonlySet<string> = new Set(['PartitionedCall', 'StatefulPartitionedCall']);
/** Variables of TensorFlow 2 are handles, which ReadVariableOp reads; those of TensorFlow 1 are their own value. */
const HANDLE = 'VarHandleOp';
const OWN_VALUES: ReadonlySet<string> = new Set(['VariableV2', 'Variable']);
const MAX_NODES = 200_000;
const MAX_DEPTH = 100;

/** The place a name is looked up in: the main graph, or one call of a function. */
interface Scope {
  readonly prefix: string;
  /** What the names of nodes begin with: the prefix, or what is left of it without calls. */
  readonly plain: string;
  readonly nodes: ReadonlyMap<string, NodeDef>;
  /** The flat value of an argument of the function; undefined for what is none. */
  readonly argument: (name: string) => string | undefined;
  readonly depth: number;
  /** References that have been looked up: most values are needed several times. */
  readonly known: Map<string, string>;
  /** Flat nodes; null while their inputs are looked up. */
  readonly flat: Map<NodeDef, FlatNode | null>;
}

/**
 * Nodes that the values named need, each after what it needs itself, without the handles of variables. `plainly`: their names
 * without the calls of functions that saving put around them, where no two become the same. Throws MalformedError.
 */
export function inlined(
  graph: GraphDef,
  wanted: readonly string[],
  plainly = false,
): { nodes: FlatNode[]; values: ReadonlyMap<string, string> } {
  const flat = new Flattener(graph, plainly ? withoutCalls : (name) => name);
  const values = new Map(wanted.map((value) => [value, flat.value(value)]));
  return { nodes: flat.nodes, values };
}

/** Variables of the main graph that the values named may read: found without a look into functions. */
export function variablesBehind({ nodes }: GraphDef, wanted: readonly string[]): string[] {
  const reached = new Set(wanted.map((value) => placeOf(value).node));
  for (const name of reached) {
    for (const input of nodes.get(name)?.inputs ?? []) if (!input.startsWith('^')) reached.add(placeOf(input).node);
  }
  return [...reached].filter((name) => {
    const op = nodes.get(name)?.op ?? '';
    return op === HANDLE || OWN_VALUES.has(op);
  });
}

class Flattener {
  readonly nodes: FlatNode[] = [];
  private readonly functions: GraphDef['functions'];
  private readonly main: Scope;
  private readonly read = new Map<string, FunctionDef>();
  /** By their names. */
  private readonly named = new Map<string, FlatNode>();
  /** Nodes of the main graph that hold variables, by the names of their values here: with `^`, as no node is called. */
  private readonly handles = new Map<string, string>();
  private readonly calls = new Map<string, Scope>();
  private readonly plain: (name: string) => string;
  private count = 0;

  constructor({ nodes, functions }: GraphDef, plain: (name: string) => string) {
    this.functions = functions;
    this.plain = plain;
    this.main = {
      prefix: '',
      plain: '',
      nodes,
      argument: () => undefined,
      depth: 0,
      known: new Map(),
      flat: new Map(),
    };
  }

  /** The flat value of a value of the main graph. */
  value(name: string): string {
    return this.resolve(name, this.main);
  }

  /** `node`, `node:1`, `node:output:0` or an argument, in its scope -> a value of the flat list. */
  private resolve(reference: string, scope: Scope): string {
    const known = scope.known.get(reference);
    if (known !== undefined) return known;
    const value = scope.argument(reference) ?? this.valueIn(reference, scope);
    scope.known.set(reference, value);
    return value;
  }

  private valueIn(reference: string, scope: Scope): string {
    const colon = reference.indexOf(':');
    const node = scope.nodes.get(colon === -1 ? reference : reference.slice(0, colon));
    if (node === undefined) throw new MalformedError(`a node "${reference}" that is not there`);
    const place = colon === -1 ? [] : reference.slice(colon + 1).split(':');
    const called = this.calledBy(node);
    if (called !== null) return this.returned(node, called, place, scope);
    const name = this.add(node, scope);
    const index = Number(place.at(-1) ?? 0);
    // Of batch normalisation only the first output is of use at inference; elsewhere outputs count through.
    const isFirst = index === 0 && (place.length < 2 || !/^(batch_|reserve_)/.test(place[0]!));
    return isFirst ? name : `${name}:${Math.max(index, 1)}`;
  }

  private calledBy(node: NodeDef): FunctionDef | null {
    const name = CALLS.has(node.op) ? node.attribute('f')?.s : node.op;
    const read = this.read.get(name ?? '');
    if (read !== undefined) return read;
    const called = this.functions.get(name ?? '');
    if (called !== undefined) {
      const definition = readFunction(called);
      this.read.set(name!, definition);
      return definition;
    }
    if (CALLS.has(node.op)) throw new MalformedError(`a call of "${name}", which is not there`);
    return null;
  }

  /** An output of a call is what its function returns. */
  private returned(node: NodeDef, called: FunctionDef, place: readonly string[], scope: Scope): string {
    const path = `${scope.prefix}${node.name}`;
    let inner = this.calls.get(path);
    if (inner === undefined) {
      if (scope.depth >= MAX_DEPTH) throw new MalformedError('functions that call each other without end');
      const data = node.inputs.filter((input) => !input.startsWith('^'));
      const inputs = new Map(called.inputs.map((name, index) => [name, data[index] ?? '']));
      inner = {
        prefix: `${path}/`,
        plain: `${scope.plain}${this.plain(`${node.name}/`)}`,
        nodes: called.nodes,
        // Looked up when it is needed: a function may take more than its output depends on.
        argument: (name) => {
          const given = inputs.get(name);
          return given === undefined ? undefined : this.resolve(given, scope);
        },
        depth: scope.depth + 1,
        known: new Map(),
        flat: new Map(),
      };
      this.calls.set(path, inner);
    }
    // `call:output:2` and `call:2` count through, `call:identity:0` names one.
    const named = place.length === 2 && called.outputs.includes(place[0]!) ? place[0] : undefined;
    const output = named ?? called.outputs[Number(place.at(-1) ?? 0)];
    const value = output === undefined ? undefined : called.returns.get(output);
    if (value === undefined) throw new MalformedError(`an output of "${called.name}" that it does not return`);
    return this.resolve(value, inner);
  }

  /** Adds the node, after what it needs, unless it is there; its flat name. */
  private add(node: NodeDef, scope: Scope): string {
    const there = scope.flat.get(node);
    if (there !== undefined) return there?.name ?? `${scope.prefix}${node.name}`;
    if (this.count++ >= MAX_NODES) throw new MalformedError(`more than ${MAX_NODES} nodes`);
    if (scope.depth > MAX_DEPTH) throw new MalformedError('functions that call each other without end');
    scope.flat.set(node, null);
    const inputs: string[] = [];
    for (const input of node.inputs) if (!input.startsWith('^')) inputs.push(this.resolve(input, scope));
    const path = `${scope.prefix}${node.name}`;
    const own = OWN_VALUES.has(node.op) ? path : undefined;
    const variable = node.op === 'ReadVariableOp' ? this.variableOf(inputs[0] ?? '') : own;
    const short = node.op === HANDLE ? `^${path}` : `${scope.plain}${this.plain(node.name)}`;
    const name = this.named.has(short) ? path : short;
    const flat = new FlatNode(node, name, variable === undefined ? inputs : [], variable);
    scope.flat.set(node, flat);
    this.named.set(name, flat);
    if (node.op === HANDLE) this.handles.set(name, path);
    else this.nodes.push(flat);
    return name;
  }

  /** The handle that a value is, through what only passes it on. */
  private variableOf(value: string): string {
    let name = value;
    for (let step = 0; step < MAX_DEPTH; step++) {
      const handle = this.handles.get(name);
      if (handle !== undefined) return handle;
      const node = this.named.get(name);
      if (node?.op !== 'Identity' || node.inputs[0] === undefined) break;
      name = node.inputs[0];
    }
    throw new MalformedError(`a variable read from "${value}", which holds none`);
  }
}

/** A name without the calls in its scopes; its last part stays. */
function withoutCalls(name: string): string {
  if (!name.includes('PartitionedCall')) return name;
  const parts = name.split('/');
  return parts.filter((part, index) => index === parts.length - 1 || !CALL_SCOPE.test(part)).join('/');
}
