// What models of the Hugging Face hub carry beside their weights: config.json (timm's, or that of transformers and optimum) and
// preprocessor_config.json. Out: the architecture, class names, and how pictures are prepared; run.json's word counts before.
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { InputSpec } from '../image/picture.ts';
import type { Model } from './model.ts';

export interface HubConfig {
  readonly architecture?: string;
  readonly classes?: readonly string[];
  readonly preprocessing?: NonNullable<Model['preprocessing']>;
}

type Fields = Readonly<Record<string, unknown>>;

const MAX_BYTES = 2 ** 24;

/** Reads what lies beside a model file; empty where there is nothing of that kind, or nothing that can be understood. */
export async function readHubConfig(modelFile: string): Promise<HubConfig> {
  const own = dirname(modelFile);
  // optimum keeps its exports in a folder `onnx` below the configuration.
  const folders = basename(own).toLowerCase() === 'onnx' ? [own, dirname(own)] : [own];
  for (const folder of folders) {
    const config = await readFields(join(folder, 'config.json'));
    const processor = await readFields(join(folder, 'preprocessor_config.json'));
    if (config !== null || processor !== null) return hubConfig(config ?? {}, processor);
  }
  return {};
}

/** What the two files say. Fields of another type than expected are passed over: other tools write a config.json too. */
export function hubConfig(config: Fields, processor: Fields | null): HubConfig {
  const pretrained = fieldsOf(config.pretrained_cfg);
  const classes = classesOf(config, pretrained);
  const spec = pretrained === null ? processorInput(processor) : timmInput(pretrained);
  const why = pretrained === null ? 'as preprocessor_config.json says' : 'as config.json says';
  return {
    ...(pretrained !== null && typeof config.architecture === 'string' ? { architecture: config.architecture } : {}),
    ...(classes === null ? {} : { classes }),
    ...(spec === null ? {} : { preprocessing: { spec, why } }),
  };
}

/** timm: mean, std, input_size [channels, height, width]; crop_pct is the share of the shorter side that the crop takes. */
function timmInput({
  mean,
  std,
  input_size: input,
  crop_pct: share,
  crop_mode: mode,
}: Fields): Partial<InputSpec> | null {
  const sides = numbersOf(input, 3);
  const [, height, width] = sides ?? [];
  const size = sides !== null && isSide(height) && isSide(width) ? ([height, width] as const) : undefined;
  const isCropped = typeof share === 'number' && share > 0 && share <= 1 && (mode === undefined || mode === 'center');
  return {
    ...valuesOf(mean, std),
    ...(size === undefined ? {} : { size }),
    ...(size !== undefined && isCropped ? { resize: 'crop', shortSide: Math.floor(Math.max(...size) / share) } : {}),
  };
}

/** transformers: size {height, width} squashes, {shortest_edge} with a crop_size crops. */
function processorInput(processor: Fields | null): Partial<InputSpec> | null {
  if (processor === null) return null;
  const { image_mean: mean, image_std: std, do_normalize: normalises, do_center_crop: crops } = processor;
  const [size, crop] = [sizeOf(processor.size), sizeOf(processor.crop_size)];
  const shortSide = fieldsOf(processor.size)?.shortest_edge;
  const values = normalises === false ? { mean: [0, 0, 0], std: [1, 1, 1] } : valuesOf(mean, std);
  if (crops === true && crop !== null && isSide(shortSide) && shortSide >= Math.max(...crop))
    return { ...values, size: crop, resize: 'crop', shortSide };
  const target = size ?? crop;
  return { ...values, ...(target === null ? {} : { size: target }) };
}

function valuesOf(mean: unknown, std: unknown): Pick<Partial<InputSpec>, 'mean' | 'std'> {
  const [means, deviations] = [numbersOf(mean, 3), numbersOf(std, 3)];
  const usable = means !== null && deviations !== null && deviations.every((value) => value > 0);
  return usable ? { mean: means, std: deviations } : {};
}

function sizeOf(value: unknown): readonly [number, number] | null {
  if (isSide(value)) return [value, value];
  const { height, width } = fieldsOf(value) ?? {};
  return isSide(height) && isSide(width) ? [height, width] : null;
}

/** timm's label_names, or id2label of transformers, which calls classes LABEL_0, LABEL_1 where nobody named them. */
function classesOf(config: Fields, pretrained: Fields | null): readonly string[] | null {
  const names: unknown = config.label_names ?? pretrained?.label_names;
  if (isTexts(names)) return names;
  const byId = fieldsOf(config.id2label);
  if (byId === null) return null;
  const listed: unknown[] = Object.keys(byId).map((_, index) => byId[String(index)]);
  return isTexts(listed) && !listed.every((name, index) => name === `LABEL_${index}`) ? listed : null;
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.length > 1 && value.every((name) => typeof name === 'string' && name !== '');

const isSide = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 16_384;

function numbersOf(value: unknown, count: number): readonly number[] | null {
  const list: unknown[] = Array.isArray(value) ? value : [];
  const numbers = list.filter((item): item is number => typeof item === 'number' && Number.isFinite(item));
  return numbers.length === count && list.length === count ? numbers : null;
}

function fieldsOf(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

async function readFields(file: string): Promise<Fields | null> {
  try {
    const info = await stat(file);
    if (!info.isFile() || info.size > MAX_BYTES) return null;
    return fieldsOf(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return null; // these files only add to what the model itself tells
  }
}
