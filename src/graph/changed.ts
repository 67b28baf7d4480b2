// A node with other fields.
import type { Node } from './graph.ts';

/** The node with other fields, no longer verbatim. */
export function changed(node: Node, changes: Partial<Node>): Node {
  const { op, domain, name, inputs, outputs, attributes } = node;
  const captures = node.captures === undefined ? {} : { captures: node.captures };
  const scope = node.scope === undefined ? {} : { scope: node.scope };
  return { op, domain, name, inputs, outputs, attributes, ...captures, ...scope, ...changes };
}
