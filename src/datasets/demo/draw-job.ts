// Pictures of the demo set drawn and written, in a worker.
import { encodeJpeg } from '../../image/codec.ts';
import { encodePng } from '../../image/png.ts';
import { writeFileAtomic } from '../../lib/files.ts';
import { drawDemoPicture, type DemoPicture, type Drawn } from './draw.ts';

export interface DrawJob {
  readonly picture: DemoPicture;
  /** JPEG. */
  readonly file: string;
  /** PNG, 255 in the lesion. */
  readonly mask: string;
  /** PNG, 255 on shortcuts; written only where there is one. */
  readonly cue: string;
}

export async function drawToDisk({ picture: spec, file, mask, cue }: DrawJob): Promise<Drawn['facts']> {
  const { picture, mask: lesion, cue: shortcut, facts } = drawDemoPicture(spec);
  const { width, height } = picture;
  await writeFileAtomic(file, await encodeJpeg(picture, { maxSide: width, quality: 92 }));
  await writeFileAtomic(mask, encodeMask(width, height, lesion));
  if (facts.patch || facts.ruler) await writeFileAtomic(cue, encodeMask(width, height, shortcut));
  return facts;
}

function encodeMask(width: number, height: number, mask: Uint8Array): Uint8Array {
  const rgba = new Uint8ClampedArray(4 * mask.length).fill(255);
  for (let i = 0; i < mask.length; i++) rgba.fill(255 * mask[i]!, 4 * i, 4 * i + 3);
  return encodePng({ width, height, rgba });
}
