// Runs a graph once, in inference mode, under the trace under way: each node that the outputs need, in the order of the file.
import { GradcamError, messageOf } from '../../lib/errors.ts';
import { MalformedError } from '../../onnx/protobuf.ts';
import type { Value } from '../../trace/forward.ts';
import { placeOf, type GraphNode } from './node.ts';
import { operators } from './operators.ts';

/** The value of a node that computes nothing: an input, an array; undefined for every other. */
export type Given = (node: GraphNode) => Value | undefined;

/** All outputs of every node that the values `wanted` need. Throws GradcamError, MalformedError. */
export function runGraph(
  nodes: readonly GraphNode[],
  wanted: readonly string[],
  given: Given,
): ReadonlyMap<string, readonly Value[]> {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const values = new Map<string, readonly Value[]>();
  const needed = neededBy(byName, wanted);
  for (const { name } of nodes) if (needed.has(name)) settle(name, { byName, values, given });
  return values;
}

interface Run {
  readonly byName: ReadonlyMap<string, GraphNode>;
  readonly values: Map<string, readonly Value[]>;
  readonly given: Given;
}

const isData = (input: string): boolean => !input.startsWith('^');

function neededBy(byName: ReadonlyMap<string, GraphNode>, wanted: readonly string[]): ReadonlySet<string> {
  const needed = new Set(wanted);
  for (const name of needed) {
    for (const input of byName.get(name)?.inputs ?? []) if (isData(input)) needed.add(placeOf(input).node);
  }
  return needed;
}

/** Gives the node its values, those of its inputs first. Without recursion: a file may be deeper than the stack. */
function settle(start: string, run: Run): void {
  const waiting = [start];
  const underWay = new Set(waiting);
  for (let name = waiting.at(-1); name !== undefined; name = waiting.at(-1)) {
    const node = run.byName.get(name);
    if (node === undefined) throw new MalformedError(`a node "${name}" that is not there`);
    const missing = run.values.has(name) ? undefined : node.inputs.find((input) => isData(input) && !run.values.has(placeOf(input).node)); // prettier-ignore
    if (missing === undefined) {
      if (!run.values.has(name)) run.values.set(name, valuesOf(node, run));
      underWay.delete(name);
      waiting.pop();
      continue;
    }
    // The node is looked at again when the input is there.
    const { node: next } = placeOf(missing);
    if (underWay.has(next)) throw new MalformedError(`node ${next} needs itself`);
    underWay.add(next);
    waiting.push(next);
  }
}

function valuesOf(node: GraphNode, { values, given }: Run): readonly Value[] {
  const known = given(node);
  if (known !== undefined) return [known];
  const operator = operators.get(node.op);
  if (operator === undefined) throw unknown(node);
  const inputs = node.inputs.filter(isData).map((input) => {
    const place = placeOf(input);
    const value = values.get(place.node)?.[place.output];
    if (value === undefined) throw new MalformedError(`node ${node.name} takes "${input}", which there is none of`);
    return value;
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
