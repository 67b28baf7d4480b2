// Shapes that a trained graph must know.
import type { Graph } from '../graph/graph.ts';
import { GradcamError } from '../lib/errors.ts';

/** Static shape of a value. Throws GradcamError `unknown-type` where it is not known. */
export function shapeOf(graph: Graph, name: string): readonly number[] {
  const port = [...graph.inputs, ...graph.outputs].find((candidate) => candidate.name === name);
  const shape = graph.types.get(name)?.shape ?? port?.type.shape ?? graph.constants.get(name)?.shape;
  if (shape?.every((dim) => dim !== null)) return shape;
  throw new GradcamError({
    code: 'unknown-type',
    exitCode: 2,
    what: `The shape of "${name}" is not known.`,
    expected: 'a static shape for everything that is trained',
    hint: 'Take another layer with --from, and report this model.',
  });
}
