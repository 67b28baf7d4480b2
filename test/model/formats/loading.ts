// Files of made-up bytes, loaded as a user's would be: a model, or the error that the user sees.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GradcamError } from '../../../src/lib/errors.ts';
import type { ModelFormat } from '../../../src/model/format.ts';
import type { RunSpec } from '../../../src/model/run-spec.ts';

export interface Attempt {
  /** Folder for the file. */
  readonly folder: string;
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly run?: RunSpec;
}

/** 'model' where the file loads and gives a graph, else the error. Anything but a GradcamError of the user's is thrown on. */
export async function attempt(
  format: ModelFormat,
  { folder, name, bytes, run = { raw: {} } }: Attempt,
): Promise<'model' | GradcamError> {
  const file = join(folder, name);
  await writeFile(file, bytes);
  try {
    const model = await format.load({ path: name, file, head: bytes.subarray(0, 512), run });
    model.forward({ batch: 1, size: model.input.size ?? [48, 48] });
    return 'model';
  } catch (error) {
    if (error instanceof GradcamError && error.exitCode === 1) return error;
    throw error;
  }
}

export async function refusal(format: ModelFormat, request: Attempt): Promise<GradcamError> {
  const result = await attempt(format, request);
  if (result === 'model') throw new Error(`${request.name} was loaded`);
  return result;
}

/** Largest resident memory of this process so far, in megabytes. */
export const peakMemory = (): number => process.resourceUsage().maxRSS / 1024;
