// Reads each kind of Keras file into topology and weights; nothing is computed. The formats in formats/ fetch this module only
// when a file is theirs, because the table of layers brings TensorFlow.js along.
import type { Constant } from '../../graph/graph.ts';
import { GradcamError } from '../../lib/errors.ts';
import { withReader } from '../reader.ts';
import { arraysOf, readWeights } from '../tfjs/weights.ts';
import { isFields } from './config.ts';
import { openHdf5, type Hdf5Group } from './hdf5/file.ts';
import { generationOf, MAX_JSON_BYTES, parseModelJson, readModelJson } from './json.ts';
import { parseTopology, type ModelSpec } from './topology.ts';
import { weightsByName, weightsByPosition, type ModelWeights, type NamedConstant } from './weights.ts';
import { requireIntact, withZip, type Zip } from '../zip.ts';

/** A Keras model out of any of its files. */
export interface KerasModel {
  readonly spec: ModelSpec;
  readonly weights: ModelWeights;
  /** Every file that was read, absolute. */
  readonly files: readonly string[];
}

const MAX_WEIGHTS = 2 ** 32;
/** Of compressed weights, which few files have: a small archive could otherwise fill the memory. */
const MAX_UNPACKED = 768 * 2 ** 20;

/** A TensorFlow.js LayersModel: model.json and its shards. */
export async function readTfjsLayers(file: string): Promise<KerasModel> {
  const json = await readModelJson(file);
  const topology = isFields(json) ? json.modelTopology : undefined;
  if (!isFields(json) || !isFields(topology)) throw notAModel(file, 'modelTopology');
  // Files of old hold the configuration itself, newer ones below model_config.
  const config = topology.model_config ?? topology;
  const reading = meanwhile(readWeights(json.weightsManifest, file));
  const spec = parseTopology(config, generationOf(topology.keras_version, config), file);
  const weights = await reading;
  const arrays = arraysOf(weights).map(({ name, read }) => ({ name, value: read() }));
  return { spec, weights: weightsByName(spec, arrays, file), files: [file, ...weights.files] };
}

/** A `.keras` archive: config.json and model.weights.h5 in a zip. */
export async function readKerasArchive(file: string): Promise<KerasModel> {
  return withZip(file, async (zip) => {
    const member = zip.members.get('model.weights.h5');
    if (member === undefined) throw withoutWeights(file, zip);
    // On their way together: the small ones first, which are understood while the weights are read.
    const configText = meanwhile(memberText(zip, 'config.json', file));
    const metadataText = zip.members.has('metadata.json') ? meanwhile(memberText(zip, 'metadata.json', file)) : '{}';
    const reading = meanwhile(zip.read(member, member.method === 0 ? MAX_WEIGHTS : MAX_UNPACKED));
    const config = parseModelJson(await configText, file);
    const metadata = parseModelJson(await metadataText, file);
    const spec = parseTopology(
      config,
      generationOf(isFields(metadata) ? metadata.keras_version : undefined, config),
      file,
    );
    const bytes = await reading;
    requireIntact(member, bytes, file);
    const root = openHdf5(bytes, file);
    const weights = weightsByPosition(spec, (place) => locateVariable(root, place), file);
    return { spec, weights, files: [file] };
  });
}

/** For what is read while something else is understood: where that fails first, what is wrong with this is not told. */
function meanwhile<T>(reading: Promise<T>): Promise<T> {
  reading.catch(() => undefined);
  return reading;
}

/** Keras 2.13 had another name for the group of layers. */
function locateVariable(root: Hdf5Group, place: string): Constant | null {
  return root.array(place) ?? root.array(place.replaceAll(/(^|\/)layers\//g, '$1_layer_checkpoint_dependencies/'));
}

/** A whole model in HDF5: the configuration as an attribute, weights in groups named after layers. */
export async function readKerasHdf5(file: string): Promise<KerasModel> {
  const root = openHdf5(await withReader(file, (reader) => reader.read(0, reader.size)), file);
  const text = root.texts('model_config')?.[0];
  if (text === undefined) throw weightsOnly(root, file);
  const config = parseModelJson(text, file);
  const spec = parseTopology(config, generationOf(root.texts('keras_version')?.[0], config), file);
  const weights = weightsByName(spec, arraysIn(root, spec, file), file);
  return { spec, weights, files: [file] };
}

/** The arrays that each layer's group lists. */
function arraysIn(root: Hdf5Group, spec: ModelSpec, file: string): NamedConstant[] {
  const groups = root.group('model_weights');
  if (groups === null) throw notAModel(file, 'a group model_weights');
  return spec.layers.flatMap((layer) => {
    const group = groups.group(layer.name);
    if (group === null) return [];
    return chunkedTexts(group, 'weight_names').map((name) => {
      const value = group.array(name);
      if (value === null) throw notAModel(file, `an array ${layer.name}/${name}`);
      return { name, group: layer.name, value };
    });
  });
}

/** A list of strings; Keras cuts lists beyond 64 KB into `name0`, `name1`, ... */
function chunkedTexts(group: Hdf5Group, name: string): string[] {
  const whole = group.texts(name);
  if (whole !== null) return whole;
  const texts: string[] = [];
  for (let index = 0; ; index++) {
    const part = group.texts(`${name}${index}`);
    if (part === null) return texts;
    texts.push(...part);
  }
}

async function memberText(zip: Zip, name: string, file: string): Promise<string> {
  const member = zip.members.get(name);
  if (member === undefined) throw notAModel(file, name, [...zip.members.keys()].slice(0, 8).join(', '));
  const bytes = await zip.read(member, MAX_JSON_BYTES);
  requireIntact(member, bytes, file);
  return new TextDecoder().decode(bytes);
}

function notAModel(file: string, expected: string, found = 'none'): GradcamError {
  return new GradcamError({
    code: 'keras-incomplete',
    what: `${file} is not a whole Keras model.`,
    expected,
    found,
    hint: 'Save the model again: model.save("model.keras").',
  });
}

function withoutWeights(file: string, zip: Zip): GradcamError {
  const names = [...zip.members.keys()];
  const other = names.find((name) => name.startsWith('model.weights'));
  return notAModel(file, 'model.weights.h5', other ?? (names.slice(0, 8).join(', ') || 'an empty archive'));
}

function weightsOnly(root: Hdf5Group, file: string): GradcamError {
  const names = root.names().slice(0, 8).join(', ');
  return new GradcamError({
    code: 'keras-weights-only',
    what: `${file} holds weights without the model that they belong to.`,
    expected: 'a whole model, as model.save() writes it',
    found: names === '' ? 'an empty file' : `groups ${names}`,
    hint: 'Where the model was trained, load these weights and save everything: model.save("model.keras").',
  });
}
