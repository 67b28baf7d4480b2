// Pictures in the studio, and what runs see of them.
import { specKey, type PreparedInput, type PrepareSpec } from './image/picture.ts';
import type { Studio, StudioPicture } from './image/studio.ts';

export interface OpenPicture extends Omit<StudioPicture, 'inputs'> {
  /** Prepared at the first call for a spec; equal specs share one. */
  readonly inputFor: (spec: PrepareSpec) => Promise<PreparedInput>;
}

/** Decodes a picture and prepares it for the spec that will be asked for first. Throws GradcamError naming the file. */
export async function openPicture(studio: Studio, path: string, first: PrepareSpec): Promise<OpenPicture> {
  const { inputs, ...picture } = await studio.load(path, [first]);
  const prepared = new Map([[specKey(first), Promise.resolve(inputs[0]!)]]);
  return {
    ...picture,
    inputFor(spec) {
      const key = specKey(spec);
      const input = prepared.get(key) ?? studio.prepare(picture.handle, [spec]).then(([one]) => one!);
      prepared.set(key, input);
      return input;
    },
  };
}

/** The picture with an input for each spec, in their order. */
export async function withInputs(
  { inputFor, ...picture }: OpenPicture,
  specs: readonly PrepareSpec[],
): Promise<StudioPicture> {
  return { ...picture, inputs: await Promise.all(specs.map(inputFor)) };
}
