// A graph in, nothing or an error about its first defect out. For graphs that we make ourselves: in tests, and where a
// defect would otherwise surface as a message of the runtime about names that nobody wrote.
import { GradcamError } from '../lib/errors.ts';
import { readsOf } from './cut.ts';
import type { Graph, Node, TensorType } from './graph.ts';
import { infer } from './infer.ts';
import { arityOf } from './rules/arity.ts';
import { shapeText } from './rules/rule.ts';
import { ELEMENT_BYTES, sizeOf } from './tensor.ts';

/**
 * Throws a GradcamError (exit code 2) when
 * - a value is read before it is produced, produced twice, or an output is not there;
 * - two nodes share a name;
 * - the bytes of a constant do not fit its shape;
 * - an operator has a wrong number of inputs or outputs, or operands whose types do not fit its rule;
 * - a recorded type differs from the one that follows.
 * Operators without a rule are taken as they are.
 */
export function checkGraph(graph: Graph): void {
  checkConstants(graph);
  checkNames(graph);
  for (const node of graph.nodes) checkArity(node);
  const { graph: inferred, problems } = infer({ ...graph, types: new Map() });
  const [problem] = problems;
  if (problem !== undefined) throw defect(textOf(problem.node), problem.message);
  for (const { name, type } of graph.outputs) checkType(name, type, inferred.types.get(name));
  for (const [name, type] of graph.types)
    checkType(name, type, inferred.types.get(name) ?? inferred.constants.get(name));
}

function checkConstants(graph: Graph): void {
  for (const [name, { dtype, shape, bytes }] of graph.constants) {
    const expected = sizeOf(shape) * ELEMENT_BYTES[dtype];
    if (dtype === 'string' || bytes.length !== expected) {
      throw defect(`constant '${name}'`, `${bytes.length} bytes of ${dtype} for shape ${shapeText(shape)}`);
    }
  }
}

function checkNames(graph: Graph): void {
  const values = new Set<string>();
  const produce = (name: string, what: string): void => {
    if (values.has(name)) throw defect(what, `value '${name}' is produced twice`);
    values.add(name);
  };
  for (const name of graph.constants.keys()) produce(name, `constant '${name}'`);
  for (const { name } of graph.inputs) produce(name, `input '${name}'`);
  const nodeNames = new Set<string>();
  for (const node of graph.nodes) {
    if (node.op === '') throw defect(textOf(node), 'no operator');
    if (node.name !== '' && nodeNames.has(node.name)) throw defect(textOf(node), 'another node has the same name');
    nodeNames.add(node.name);
    const unknown = readsOf(node).find((name) => !values.has(name));
    if (unknown !== undefined) throw defect(textOf(node), `value '${unknown}' is read before it is produced`);
    for (const name of node.outputs) if (name !== '') produce(name, textOf(node));
  }
  const missing = graph.outputs.find(({ name }) => !values.has(name));
  if (missing !== undefined) throw defect(`output '${missing.name}'`, 'nothing produces it');
}

function checkArity(node: Node): void {
  const arity = arityOf(node.op, node.domain);
  if (arity === undefined) return;
  const [minInputs, maxInputs, minOutputs, maxOutputs] = arity;
  const [inputs, outputs] = [node.inputs.length, node.outputs.length];
  const required = node.inputs.slice(0, minInputs).filter((name) => name !== '').length;
  if (required < minInputs || inputs > maxInputs) {
    throw defect(textOf(node), `${inputs} inputs, ${required} of the ${minInputs} required ones`);
  }
  if (outputs < minOutputs || outputs > maxOutputs) throw defect(textOf(node), `${outputs} outputs`);
}

function checkType(name: string, stated: TensorType, found: TensorType | undefined): void {
  if (found === undefined) return;
  const differ = stated.shape?.some((dim, axis) => dim !== null && (found.shape?.[axis] ?? dim) !== dim) ?? false;
  const rankDiffers = stated.shape !== null && found.shape !== null && stated.shape.length !== found.shape.length;
  if (stated.dtype !== found.dtype || rankDiffers || differ) {
    throw defect(
      `value '${name}'`,
      `${stated.dtype} ${shapeText(stated.shape)} is recorded, ${found.dtype} ${shapeText(found.shape)} follows`,
    );
  }
}

function textOf(node: Node): string {
  const label = node.name === '' ? (node.outputs[0] ?? '') : node.name;
  return `${node.op} '${label}'`;
}

function defect(where: string, found: string): GradcamError {
  return new GradcamError({ code: 'graph-defect', what: `The graph has a defect at ${where}.`, found, exitCode: 2 });
}
