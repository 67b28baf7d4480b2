// Which variable gets which tensor of the checkpoint: the graph itself says so, in what restores it.
import { readTexts } from './attributes.ts';
import { readFunction, type GraphDef, type NodeDef } from './graph-def.ts';

const ASSIGN = /^(AssignVariableOp|Assign)$/;

/**
 * Node of the variable -> key in the checkpoint. Variables that nothing restores are not in it. `restore` is the node that
 * calls the function which restores; TensorFlow 1 restores in the main graph.
 */
export function restoredKeys({ nodes, functions }: GraphDef, restore: string): ReadonlyMap<string, string> {
  const call = nodes.get(restore.replace(/:\d+$/, ''));
  const called = functions.get(call?.attribute('f')?.s ?? '');
  if (call === undefined || called === undefined) return new Map(assignmentsIn(nodes));
  const keys = new Map<string, string>();
  const { nodes: body, inputs } = readFunction(called);
  const data = call.inputs.filter((input) => !input.startsWith('^'));
  const places = new Map(inputs.map((name, index) => [name, index]));
  for (const [argument, key] of assignmentsIn(body)) {
    const variable = data[places.get(argument) ?? -1];
    if (variable !== undefined) keys.set(nodeOf(variable), key);
  }
  return keys;
}

/**
 * Of a checkpoint's keys those that a network most likely wants: not what an optimizer keeps. Keras 3 writes every variable
 * twice, and its functions take them from `_all_variables`.
 */
export function likelyKeys(keys: readonly string[]): string[] {
  const own = keys.filter((key) => key.startsWith('_all_variables/'));
  if (own.length > 0) return own;
  return keys.filter(
    (key) => key.includes('/.ATTRIBUTES/VARIABLE_VALUE') && !/\.OPTIMIZER_SLOT|^optimizer\//.test(key),
  );
}

/** Pairs of what is assigned to and the key of the tensor that it gets. */
function assignmentsIn(nodes: ReadonlyMap<string, NodeDef>): [string, string][] {
  const lists = new Map<string, readonly string[]>();
  const keysOf = (name: string): readonly string[] => {
    const known = lists.get(name);
    if (known !== undefined) return known;
    const list = nodes.get(name)?.stored('value');
    const texts = list === undefined ? [] : readTexts(list);
    lists.set(name, texts);
    return texts;
  };
  return [...nodes.values()].flatMap((node): [string, string][] => {
    if (!ASSIGN.test(node.op)) return [];
    const [target, value] = node.inputs;
    if (target === undefined || value === undefined) return [];
    const identity = nodes.get(nodeOf(value));
    const from = identity?.op === 'Identity' ? (identity.inputs[0] ?? '') : value;
    const restore = nodes.get(nodeOf(from));
    if (restore?.op !== 'RestoreV2') return [];
    const keys = keysOf(nodeOf(restore.inputs[1] ?? ''));
    const key = keys[Number(from.split(':').at(-1))] ?? keys[0];
    return key === undefined ? [] : [[nodeOf(target), key]];
  });
}

function nodeOf(value: string): string {
  const colon = value.indexOf(':');
  return colon === -1 ? value : value.slice(0, colon);
}
