// Runs a graph once, in inference mode, under the trace under way: each node that the outputs need, in the order of the file.
import { GradcamError, messageOf } from '../../lib/errors.ts';
import { MalformedError } from '../../onnx/protobuf.ts';
import type { Value } from '../../trace/forward.ts';
import { placeOf, type GraphNode, type Place } from './node.ts';
import { operators } from './operators.ts';

/** The value of a node that computes nothing: an input, an array; undefined for every other. */
export type Given = (node: GraphNode) => Value | undefined;

/** All outputs of every node that the nodes `wanted` need. Throws GradcamError, MalformedError. */
export function runGraph(
  nodes: readonly GraphNode[],
  wanted: readonly string[],
  given: Given,
): ReadonlyMap<string, readonly Value[]> {
  const needed = neededBy(nodes, wanted);
  const values = new Map<string, readonly Value[]>();
  for (const { name } of nodes) {
    const step = needed.get(name);
    if (step === undefined || values.has(name)) continue;
    // Files have nodes after what they take, mostly.
    if (missingOf(step, values) === undefined) values.set(name, valuesOf(step, { values, given }));
    else settle(step, { needed, values, given });
  }
  return values;
}

/** A node and the values that it takes, control inputs left out. */
interface Step {
  readonly node: GraphNode;
  readonly inputs: readonly Place[];
}

interface Run {
  readonly needed: ReadonlyMap<string, Step>;
  readonly values: Map<string, readonly Value[]>;
  readonly given: Given;
}

function neededBy(nodes: readonly GraphNode[], wanted: readonly string[]): ReadonlyMap<string, Step> {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const needed = new Map<string, Step>();
  const waiting = [...wanted];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (needed.has(name)) continue;
    const node = byName.get(name);
    if (node === undefined) throw new MalformedError(`a node "${name}" that is not there`);
    const inputs = node.inputs.filter((input) => !input.startsWith('^')).map(placeOf);
    needed.set(name, { node, inputs });
    inputs.forEach((input) => waiting.push(input.node));
  }
  return needed;
}

/** Gives the node its values, those of its inputs first. Without recursion: a file may be deeper than the stack. */
function settle(start: Step, run: Run): void {
  const waiting = [start];
  const underWay = new Set<string>();
  for (let step = waiting.at(-1); step !== undefined; step = waiting.at(-1)) {
    const { name } = step.node;
    const missing = run.values.has(name) ? undefined : missingOf(step, run.values);
    if (missing === undefined) {
      if (!run.values.has(name)) run.values.set(name, valuesOf(step, run));
      underWay.delete(name);
      waiting.pop();
      continue;
    }
    // The node is looked at again when the input is there.
    underWay.add(name);
    if (underWay.has(missing)) throw new MalformedError(`node ${missing} needs itself`);
    waiting.push(run.needed.get(missing)!);
  }
}

function missingOf({ inputs }: Step, values: ReadonlyMap<string, readonly Value[]>): string | undefined {
  return inputs.find(({ node }) => !values.has(node))?.node;
}

function valuesOf({ node, inputs: places }: Step, { values, given }: Pick<Run, 'values' | 'given'>): readonly Value[] {
  const known = given(node);
  if (known !== undefined) return [known];
  const operator = operators.get(node.op);
  if (operator === undefined) throw unknown(node);
  const inputs = places.map((place) => {
    const value = values.get(place.node)?.[place.output];
    if (value !== undefined) return value;
    throw new MalformedError(`node ${node.name} takes output ${place.output} of ${place.node}, which there is none of`);
  });
  try {
    const made = operator(inputs, node);
    return Array.isArray(made) ? (made as readonly Value[]) : [made as Value];
  } catch (error) {
    const why = error instanceof GradcamError ? error.parts.what : messageOf(error);
    throw new GradcamError({
      code: 'graph-model',
      what: `node ${node.name} (${node.op}) of inputs ${shapesOf(inputs)} fails: ${why}`,
      cause: error,
    });
  }
}

function unknown({ name, op }: GraphNode): GradcamError {
  const what =
    op === 'Placeholder'
      ? `node ${name} is an input besides the image`
      : `node ${name} is a ${op}, which is not known here`;
  return new GradcamError({ code: 'graph-model', what });
}

const shapesOf = (values: readonly Value[]): string =>
  values.map(({ dtype, shape }) => `${dtype} [${shape.join(', ')}]`).join(', ') || 'none';
