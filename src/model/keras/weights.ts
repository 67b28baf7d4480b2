// Finds the arrays of every layer: by name in TensorFlow.js manifests and .h5 files, whose names come with prefixes and
// suffixes of many makes, and by position in .keras archives. A layer without its arrays is an error, never left at random.
import type { Constant } from '../../graph/graph.ts';
import { GradcamError } from '../../lib/errors.ts';
import { nearestNames } from '../../lib/names.ts';
import type { Variable } from './layer.ts';
import { layerClassOf } from './layers.ts';
import { snakeCase } from './snake-case.ts';
import type { LayerSpec, ModelSpec } from './topology.ts';

/** Arrays of one layer, by the first of each variable's names. */
export type LayerWeights = ReadonlyMap<string, Constant>;

/** Arrays of every layer that has some. */
export type ModelWeights = ReadonlyMap<LayerSpec, LayerWeights>;

/** An array under the name its file has for it. */
export interface NamedConstant {
  /** With or without `:0`, prefixes separated by `/`. */
  readonly name: string;
  /** The layer of the outermost model that the file keeps it under, where it keeps layers apart. */
  readonly group?: string;
  readonly value: Constant;
}

/** Segments that a layer's name and a variable's take together at most. */
const MAX_TAIL = 12;

interface Wanted {
  readonly layer: LayerSpec;
  readonly variable: Variable;
}

interface Entry extends NamedConstant {
  /** Segments of the name. */
  readonly segments: readonly string[];
}

/**
 * Matches by name, each array once. Throws GradcamError `keras-missing-weights` for a variable without an array.
 * A name fits when it ends in the layer's and the variable's name; of several the one that names more of the models around
 * the layer; where none does, the layer's name may carry a number that its framework appended.
 */
export function weightsByName(model: ModelSpec, arrays: readonly NamedConstant[], file: string): ModelWeights {
  const entries = arrays.map((array): Entry => ({ ...array, segments: array.name.replace(/:\d+$/, '').split('/') }));
  const byTail = new Map<string, Entry[]>();
  for (const entry of entries) {
    for (let start = entry.segments.length - 1; start >= Math.max(0, entry.segments.length - MAX_TAIL); start--) {
      const tail = entry.segments.slice(start).join('/');
      const list = byTail.get(tail);
      if (list === undefined) byTail.set(tail, [entry]);
      else list.push(entry);
    }
  }
  const used = new Set<Entry>();
  const found = new Map<LayerSpec, Map<string, Constant>>();
  const keep = ({ layer, variable }: Wanted, entry: Entry): void => {
    used.add(entry);
    const weights = found.get(layer) ?? new Map<string, Constant>();
    found.set(layer, weights.set(variable.names[0], entry.value));
  };
  const left = wantedBy(model).filter((wanted) => {
    const candidates = wanted.variable.names.flatMap((name) => byTail.get(`${wanted.layer.name}/${name}`) ?? []);
    const best = bestOf(
      candidates.filter((entry) => !used.has(entry)),
      wanted.layer,
    );
    if (best !== null) keep(wanted, best);
    return best === null;
  });
  for (const wanted of left) {
    const entry = bestOf(
      entries.filter((candidate) => !used.has(candidate) && isRenamed(candidate, wanted)),
      wanted.layer,
    );
    if (entry === null) throw missing(wanted, entries, file);
    keep(wanted, entry);
  }
  return found;
}

/** The candidate whose prefixes name most of the models around the layer; the first of those that name as many. */
function bestOf(candidates: readonly Entry[], layer: LayerSpec): Entry | null {
  const around = layer.path.split('/').slice(0, -1);
  const score = (entry: Entry): number => {
    const named = around.filter((name) => entry.segments.includes(name)).length;
    return named + (entry.group === layer.path.split('/')[0] ? 100 : 0);
  };
  let best: Entry | null = null;
  for (const candidate of candidates) if (best === null || score(candidate) > score(best)) best = candidate;
  return best;
}

/**
 * Whether the array is the variable's with a number appended to the layer's or the variable's name, as frameworks do where a
 * name is taken, or is in the group of its layer under another prefix.
 */
function isRenamed(entry: Entry, { layer, variable }: Wanted): boolean {
  return variable.names.some((name) => {
    const at = entry.segments.length - name.split('/').length;
    if (at < 0 || withoutNumber(entry.segments.slice(at).join('/'), name) !== name) return false;
    return entry.group === layer.path || withoutNumber(entry.segments[at - 1] ?? '', layer.name) === layer.name;
  });
}

/** `found` without the `_1` by which it differs from `wanted`. */
function withoutNumber(found: string, wanted: string): string {
  return found !== wanted && found.startsWith(`${wanted}_`) ? found.replace(/_\d+$/, '') : found;
}

/** Gives the array at a place below the root, e.g. `layers/conv2d/vars/0`, or null. */
export type Locate = (place: string) => Constant | null;

/**
 * Matches by position, as `.keras` archives keep arrays: layers under the snake-cased name of their class, counted per class
 * in the order of the configuration, variables by number. Throws GradcamError `keras-missing-weights`.
 */
export function weightsByPosition(model: ModelSpec, locate: Locate, file: string): ModelWeights {
  const found = new Map<LayerSpec, LayerWeights>();
  const visit = (inner: ModelSpec, prefix: string): void => {
    const counts = new Map<string, number>();
    for (const layer of inner.layers) {
      if (layer.operation) continue;
      const base = snakeCase(layer.inner === null ? layer.className : layer.inner.className);
      const count = counts.get(base) ?? 0;
      counts.set(base, count + 1);
      const place = `${prefix}layers/${count === 0 ? base : `${base}_${count}`}`;
      if (layer.inner !== null) {
        visit(layer.inner, `${place}/`);
        continue;
      }
      const weights = new Map<string, Constant>();
      variablesOf(layer).forEach((variable, index) => {
        const places = (variable.places ?? [`vars/${index}`]).map((own) => `${place}/${own}`);
        const value = places.map(locate).find((array) => array !== null);
        if (value === undefined) throw missingAt({ layer, variable }, places[0]!, file);
        weights.set(variable.names[0], value);
      });
      if (weights.size > 0) found.set(layer, weights);
    }
  };
  visit(model, '');
  return found;
}

/** Every variable of every layer, nested ones included, in order. */
function wantedBy(model: ModelSpec): Wanted[] {
  return model.layers.flatMap((layer) => {
    if (layer.inner !== null) return wantedBy(layer.inner);
    return variablesOf(layer).map((variable) => ({ layer, variable }));
  });
}

function variablesOf(layer: LayerSpec): readonly Variable[] {
  return layerClassOf(layer).variables?.(layer) ?? [];
}

function missing(wanted: Wanted, entries: readonly Entry[], file: string): GradcamError {
  const name = `${wanted.layer.name}/${wanted.variable.names[0]}`;
  const known = entries.slice(0, 2000).map((entry) => entry.name.slice(0, 200));
  const near = nearestNames(name, known);
  const names = entries.slice(0, 3).map((entry) => entry.name);
  return missingAt(
    wanted,
    name,
    file,
    near.length > 0 ? near.join(', ') : `${entries.length} arrays: ${names.join(', ')}, ...`,
  );
}

function missingAt({ layer, variable }: Wanted, expected: string, file: string, found = 'nothing there'): GradcamError {
  return new GradcamError({
    code: 'keras-missing-weights',
    what: `${file} has no array for the variable "${variable.names[0]}" of layer ${layer.path} (${layer.className}).`,
    expected,
    found,
    hint: 'The weights belong to another model, or the file is not complete: save the model again.',
  });
}
