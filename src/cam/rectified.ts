// A method whose map ends in a ReLU, from its map before the ReLU.
import { tf } from '../tf/tfjs.ts';
import type { Cam, CamMethod } from './method.ts';

/** `signed` is the map of the paper before its last ReLU. */
export function rectified(
  method: Omit<CamMethod, 'map' | 'signed'> & { readonly signed: (cam: Cam) => tf.Tensor3D },
): CamMethod {
  return { ...method, map: (cam) => tf.relu(method.signed(cam)) };
}
