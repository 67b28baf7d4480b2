// Methods whose map is a sum over channels, or anything else signed, and ends in a ReLU.
import { tf } from '../tf/tfjs.ts';
import type { Cam, CamMethod } from './method.ts';

/** `signed` is the map of the paper before its last ReLU. */
export function rectified(
  method: Omit<CamMethod, 'map' | 'signed'> & { readonly signed: (cam: Cam) => tf.Tensor3D },
): CamMethod {
  return { ...method, map: (cam) => tf.relu(method.signed(cam)) };
}

/** `terms` are what the paper's map before its last ReLU is the sum of, channel by channel. */
export function summed(
  method: Omit<CamMethod, 'map' | 'signed' | 'terms'> & { readonly terms: (cam: Cam) => tf.Tensor4D },
): CamMethod {
  return rectified({ ...method, signed: (cam) => tf.sum<tf.Tensor3D>(method.terms(cam), 3) });
}
