// Shapes of results, where TensorFlow.js's kernels leave them to the backend.
import { tf } from '../tf/tfjs.ts';

/** The shape that shapes broadcast to. Throws where they do not. */
export function broadcastShape(shapes: readonly (readonly number[])[]): number[] {
  return shapes.reduce<number[]>((a, b) => tf.backend_util.assertAndGetBroadcastShape(a, [...b]), []);
}
