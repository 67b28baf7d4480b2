// Finds the weights in what a checkpoint holds: training scripts wrap them in dicts under many names, beside optimiser and
// epoch; some save the whole network, whose parameters are read out of the record of it.
import { GradcamError } from '../../lib/errors.ts';
import { unknownName } from '../../lib/names.ts';
import { attributesOf, entriesOf, PickledObject, type Pickled, type PickledDict } from './pickle-values.ts';
import { StoredTensor } from './stored-tensor.ts';

export interface StateDict {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly assumed: readonly string[];
  /** Class names, where the checkpoint carries them. */
  readonly classes: readonly string[] | null;
}

/** Names that weights are kept under, the first one that is there counts. Averaged weights come after plain ones. */
const WRAPPERS = [
  'state_dict',
  'model_state_dict',
  'model_state',
  'model_weights',
  'model',
  'net_state_dict',
  'net',
  'network',
  'module',
  'weights',
  'params',
  'state_dict_ema',
  'ema_state_dict',
  'model_ema',
  'ema',
];
const NOT_WEIGHTS = /optim|sched|scaler|callback|loop|history|metric|args|config|hparam|hyper_param|rng/i;
const MAX_DEPTH = 64;
const MAX_TENSORS = 100_000;

/**
 * The weights in a checkpoint. `wanted` is the key that the user named (run.json), dots between levels.
 * Throws GradcamError `no-state-dict`, `unknown-weights`.
 */
export function findStateDict(value: Pickled, path: string, wanted: string | undefined): StateDict {
  const found = wanted === undefined ? search(value, [], 0) : named(value, wanted);
  if (found === null) throw withoutWeights(value, path);
  const { trail, tensors, network, others } = found;
  const assumed: string[] = [];
  const where = trail.length === 0 ? '' : `Weights are those under "${trail.join('.')}"`;
  const left =
    others.length === 0 ? '' : `; "${others.join('", "')}" holds others, which "weights" in run.json can name`;
  if (where !== '') assumed.push(`${where}${left}.`);
  if (network !== null) {
    assumed.push(`The file holds a whole pickled network (${network}): its weights were read, its code was not run.`);
  }
  return { tensors, assumed, classes: classesIn(value) };
}

interface Found {
  readonly trail: readonly string[];
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Class of the network, where a whole one was pickled. */
  readonly network: string | null;
  /** Other keys beside the last of the trail that hold weights too. */
  readonly others: readonly string[];
}

function search(value: Pickled, trail: readonly string[], depth: number): Found | null {
  const own = weightsOf(value);
  if (own?.network != null) return { ...own, trail, others: [] };
  const fields = entriesOf(value) ?? attributesOf(value);
  if (fields === null || depth === 4) return null;
  const inner = [...fields].flatMap(([key, item]): { key: string; found: Found }[] => {
    if (typeof key !== 'string' || NOT_WEIGHTS.test(key)) return [];
    const found = item instanceof StoredTensor ? null : search(item, [...trail, key], depth + 1);
    return found === null ? [] : [{ key, found }];
  });
  const wrapped = WRAPPERS.map((name) => inner.find(({ key }) => key === name)).filter((item) => item !== undefined);
  const chosen = wrapped[0] ?? (own === null && inner.length === 1 ? inner[0] : undefined);
  if (chosen !== undefined) {
    const others = inner.filter((item) => item !== chosen).map(({ found }) => found.trail.join('.'));
    return { ...chosen.found, others: [...chosen.found.others, ...others] };
  }
  return own === null ? null : { ...own, trail, others: [] };
}

function named(value: Pickled, wanted: string): Found {
  let at: Pickled | undefined = value;
  const trail: string[] = [];
  for (let rest: string | undefined = wanted; rest !== undefined;) {
    const fields: PickledDict = entriesOf(at) ?? attributesOf(at) ?? new Map<Pickled, Pickled>();
    const keys = [...fields.keys()].filter((key) => typeof key === 'string');
    // Keys may hold dots themselves: the longest one that fits counts.
    const key = keys
      .filter((name) => rest === name || rest!.startsWith(`${name}.`))
      .sort((a, b) => b.length - a.length)[0];
    if (key === undefined) throw unknownName('weights', rest, keys);
    at = fields.get(key);
    trail.push(key);
    rest = rest === key ? undefined : rest.slice(key.length + 1);
  }
  const found = search(at ?? null, trail, 0);
  if (found === null) throw unknownName('weights', wanted, []);
  return found;
}

/** The tensors of a dict of them, or of a network; null for anything else. */
function weightsOf(value: Pickled): Pick<Found, 'tensors' | 'network'> | null {
  const tensors = new Map<string, StoredTensor>();
  if (value instanceof PickledObject && isNetwork(value)) {
    collect(value, '', tensors, 0);
    return { tensors, network: value.of.path };
  }
  for (const [key, item] of entriesOf(value) ?? []) {
    if (typeof key === 'string' && item instanceof StoredTensor) tensors.set(key, item);
  }
  return tensors.size === 0 ? null : { tensors, network: null };
}

function isNetwork(value: Pickled | undefined): value is PickledObject {
  const attributes = attributesOf(value);
  return entriesOf(attributes?.get('_parameters')) !== null && entriesOf(attributes?.get('_modules')) !== null;
}

/** Parameters and buffers of a network and of the networks in it, by their paths. */
function collect(network: PickledObject, prefix: string, into: Map<string, StoredTensor>, depth: number): void {
  if (depth > MAX_DEPTH) return;
  const attributes = attributesOf(network)!;
  const passing = attributes.get('_non_persistent_buffers_set');
  for (const group of ['_parameters', '_buffers']) {
    for (const [name, item] of entriesOf(attributes.get(group)) ?? []) {
      const isPassing = group === '_buffers' && Array.isArray(passing) && passing.includes(name);
      if (typeof name !== 'string' || !(item instanceof StoredTensor) || isPassing) continue;
      if (into.size >= MAX_TENSORS) return;
      into.set(prefix + name, item);
    }
  }
  for (const [name, item] of entriesOf(attributes.get('_modules')) ?? []) {
    if (typeof name === 'string' && isNetwork(item)) collect(item, `${prefix}${name}.`, into, depth + 1);
  }
}

function classesIn(value: Pickled): readonly string[] | null {
  const fields = entriesOf(value);
  for (const key of ['class_names', 'classes', 'labels']) {
    const list = fields?.get(key);
    if (Array.isArray(list) && list.length > 1 && list.every((name) => typeof name === 'string')) return list;
  }
  const indices = [...(entriesOf(fields?.get('class_to_idx')) ?? [])];
  const names: string[] = [];
  for (const [name, index] of indices) {
    if (typeof name !== 'string' || typeof index !== 'number' || !(index < indices.length)) return null;
    names[index] = name;
  }
  return names.length > 1 && names.length === indices.length && Object.keys(names).length === names.length
    ? names
    : null;
}

function withoutWeights(value: Pickled, path: string): GradcamError {
  const keys = [...(entriesOf(value) ?? attributesOf(value) ?? new Map<Pickled, Pickled>()).keys()];
  const names = keys.filter((key) => typeof key === 'string').slice(0, 8);
  return new GradcamError({
    code: 'no-state-dict',
    what: `${path} holds no weights of one network.`,
    expected: `a state dict, by itself or under ${WRAPPERS.slice(0, 5).join(', ')}`,
    found: names.length === 0 ? 'no dict of tensors' : `a dict with ${names.join(', ')}`,
    hint: 'Name the key of the weights in run.json ("weights": "generator"), or save them by themselves: torch.save(model.state_dict(), ...).',
  });
}
