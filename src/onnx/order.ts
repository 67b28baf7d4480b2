// Nodes in the order of the file in, in topological order out, or a message about the value that is missing or made twice.
import { readsOf } from '../graph/cut.ts';
import type { Node } from '../graph/graph.ts';
import { MalformedError } from './protobuf.ts';

/**
 * The nodes so that each value is produced before it is used; as they are where that already holds, else each as early as
 * its inputs allow. `given`: values that need no node. `wanted`: values that must be there in the end.
 * Throws MalformedError when a value has no producer, or two, or depends on itself.
 */
export function inOrder(
  nodes: readonly Node[],
  given: ReadonlySet<string>,
  wanted: readonly string[],
): readonly Node[] {
  const producer = new Map<string, number>();
  nodes.forEach((node, index) => {
    for (const name of node.outputs) {
      if (name === '') continue;
      if (given.has(name) || producer.has(name)) throw new MalformedError(`value '${name}' is produced twice`);
      producer.set(name, index);
    }
  });
  const missing = (name: string): boolean => !given.has(name) && !producer.has(name);
  for (const name of wanted) if (missing(name)) throw new MalformedError(`output '${name}' is produced by no node`);

  const waiting = nodes.map((node) => {
    const reads = readsOf(node);
    const unknown = reads.find(missing);
    if (unknown !== undefined)
      throw new MalformedError(`${node.op} '${node.name}' reads '${unknown}', which nothing produces`);
    return new Set(reads.flatMap((name) => producer.get(name) ?? []));
  });
  if (waiting.every((before, index) => [...before].every((other) => other < index))) return nodes;
  return sorted(nodes, waiting);
}

/** Depth-first: a node after those it waits for, starting from the first. */
function sorted(nodes: readonly Node[], waiting: readonly ReadonlySet<number>[]): Node[] {
  const order: Node[] = [];
  const state = new Uint8Array(nodes.length);
  const OPEN = 1;
  const DONE = 2;
  for (let start = 0; start < nodes.length; start++) {
    const stack = [start];
    while (stack.length > 0) {
      const index = stack.at(-1) ?? 0;
      if (state[index] === 0) {
        state[index] = OPEN;
        for (const other of [...(waiting[index] ?? [])].reverse()) {
          if (state[other] === OPEN)
            throw new MalformedError(`${nodes[index]?.op} '${nodes[index]?.name}' depends on itself`);
          if (state[other] === 0) stack.push(other);
        }
        continue;
      }
      stack.pop();
      const node = nodes[index];
      if (state[index] === OPEN && node !== undefined) {
        state[index] = DONE;
        order.push(node);
      }
    }
  }
  return order;
}
