// Which variable gets which tensor of the checkpoint: the graph itself says so, in the function that restores it.
import { readTexts, textOf } from './attributes.ts';
import type { GraphDef, NodeDef } from './graph-def.ts';

const ASSIGN = /^(AssignVariableOp|Assign)$/;

/** Node of the variable -> key in the checkpoint. Variables that nothing restores are not in it. */
export function restoredKeys({ nodes, functions }: GraphDef): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  // TensorFlow 1 restores in the main graph.
  for (const [variable, key] of assignmentsIn(nodes)) keys.set(variable, key);
  for (const call of nodes) {
    if (!call.op.endsWith('PartitionedCall')) continue;
    const called = functions.get(textOf(call.attributes().get('f')) ?? '');
    if (called === undefined || !called.mentions('RestoreV2')) continue;
    const { nodes: body, inputs } = called.read();
    const data = call.inputs.filter((input) => !input.startsWith('^'));
    const places = new Map(inputs.map((name, index) => [name, index]));
    for (const [argument, key] of assignmentsIn(body)) {
      const variable = data[places.get(argument) ?? -1];
      if (variable !== undefined) keys.set(nodeOf(variable), key);
    }
  }
  return keys;
}

/** Pairs of what is assigned to and the key of the tensor that it gets. */
function assignmentsIn(nodes: readonly NodeDef[]): [string, string][] {
  if (!nodes.some(({ op }) => op === 'RestoreV2')) return [];
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const lists = new Map<string, readonly string[]>();
  const keysOf = (name: string): readonly string[] => {
    const list = byName.get(name)?.attributes().get('value');
    const known = lists.get(name) ?? (list === undefined ? [] : readTexts(list));
    lists.set(name, known);
    return known;
  };
  return nodes.flatMap((node): [string, string][] => {
    const [target, value] = node.inputs;
    if (!ASSIGN.test(node.op) || target === undefined || value === undefined) return [];
    const identity = byName.get(nodeOf(value));
    const from = identity?.op === 'Identity' ? (identity.inputs[0] ?? '') : value;
    const restore = byName.get(nodeOf(from));
    if (restore?.op !== 'RestoreV2') return [];
    const keys = keysOf(nodeOf(restore.inputs[1] ?? ''));
    const key = keys[Number(from.split(':').at(-1))] ?? keys[0];
    return key === undefined ? [] : [[nodeOf(target), key]];
  });
}

const nodeOf = (value: string): string => value.split(':')[0]!;
