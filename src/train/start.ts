// Where training starts: a backbone with first weights, or a model that is there with a head for the classes at hand.
import { completeTypes } from '../engine/probe.ts';
import type { Graph } from '../graph/graph.ts';
import type { InputSpec, PrepareSpec } from '../image/picture.ts';
import { GradcamError } from '../lib/errors.ts';
import { Random } from '../lib/random.ts';
import type { HeadKind } from '../losses/loss.ts';
import { settleInput } from '../model/input.ts';
import { findLayer, listLayers, pickLayer } from '../model/layers.ts';
import { loadModel } from '../model/load.ts';
import type { Layer } from '../model/model.ts';
import { findOutput } from '../model/output.ts';
import type { Backbone } from './backbone.ts';
import { buildBackbone, findBackbone } from './backbones.ts';
import { withHead } from './head.ts';
import type { DropSite } from './network.ts';

export interface StartSpec {
  readonly backbone: string | Backbone;
  /** Model to start from instead. */
  readonly init: string | undefined;
  readonly from: string | undefined;
  readonly head: HeadKind;
  readonly dropout: number | undefined;
  readonly classes: number;
  readonly batch: number;
  readonly size: readonly [number, number] | undefined;
  /** undefined: as the model says, else squashed. */
  readonly resize: InputSpec['resize'] | undefined;
  readonly mean: readonly number[] | undefined;
  readonly std: readonly number[] | undefined;
  readonly seed: number;
}

/** A network that can be trained. */
export interface Start {
  readonly graph: Graph;
  /** Name of the image input. */
  readonly input: string;
  readonly logits: string;
  readonly batch: number;
  readonly drops: readonly DropSite[];
  readonly headDropout: number;
  /** Name of the value that training begins after; undefined: everything is trained. */
  readonly from: string | undefined;
  readonly prepare: PrepareSpec;
  /** The layer that maps are usually taken at. */
  readonly layer: string;
  readonly architecture: string;
  /** What was done to the model, in sentences. */
  readonly notes: readonly string[];
}

/** Of ImageNet, what most networks are trained with. */
const MEAN = [0.485, 0.456, 0.406];
const STD = [0.229, 0.224, 0.225];

/** Throws GradcamError where the model cannot be read or trained, or has no such layer. */
export async function startOf(spec: StartSpec): Promise<Start> {
  return spec.init === undefined ? fromBackbone(spec) : fromModel(spec, spec.init);
}

function fromBackbone(spec: StartSpec): Start {
  const backbone = typeof spec.backbone === 'string' ? findBackbone(spec.backbone) : spec.backbone;
  const { classes, batch, head, seed } = spec;
  const chosen = spec.dropout === undefined ? backbone : { ...backbone, dropout: spec.dropout };
  const size = spec.size ?? ([backbone.size, backbone.size] as const);
  const built = buildBackbone(chosen, { classes, batch, head, seed, size, channels: 3 });
  const layers = listLayers(built.graph, built.input, built.logits, new Map());
  return {
    ...built,
    batch,
    headDropout: 0,
    from: valueIn(backbone, spec.from, layers),
    prepare: { ...inputSpec(spec, size), layout: 'nchw' },
    layer: pickLayer(built.graph, layers, built.logits, backbone.id).layer.name,
    architecture: backbone.architecture,
    notes: [],
  };
}

async function fromModel(spec: StartSpec, init: string): Promise<Start> {
  const { model, run } = await loadModel(init);
  const said = Object.fromEntries(
    (['size', 'resize', 'mean', 'std'] as const).flatMap((key) => (spec[key] === undefined ? [] : [[key, spec[key]]])),
  ) as Partial<InputSpec>;
  const { spec: prepare } = settleInput(model, { ...run, input: { ...run.input, ...said } });
  requireFloats(init, model.input.dtype);
  const batch = model.input.batch ?? spec.batch;
  const whole = await completeTypes(model.forward({ batch, size: prepare.size }), init);
  const { output } = findOutput(whole, init, run.output);
  const random = Random.of(spec.seed, 'head');
  const changed = withHead(whole, output.logits, { classes: spec.classes, kind: spec.head, random });
  const layers = listLayers(changed.graph, model.input.name, changed.logits, model.layerNames);
  const notes = changed.note === null ? [] : [changed.note];
  if (batch !== spec.batch) notes.push(`${init} takes ${batch} pictures at a time: that is the batch.`);
  return {
    graph: changed.graph,
    input: model.input.name,
    logits: changed.logits,
    batch,
    drops: [],
    headDropout: spec.dropout ?? 0,
    from: valueOf(spec.from, layers, init),
    prepare,
    layer: run.layer ?? pickLayer(changed.graph, layers, changed.logits, init).layer.name,
    architecture: run.architecture ?? model.format,
    notes,
  };
}

function inputSpec(
  { resize = 'squash', mean = MEAN, std = STD }: StartSpec,
  size: readonly [number, number],
): InputSpec {
  return { size, resize, scale: [0, 1], mean, std, channels: 'rgb' };
}

function valueOf(from: string | undefined, layers: readonly Layer[], model: string): string | undefined {
  return from === undefined ? undefined : findLayer(layers, from, model).layer.value;
}

/** The same of a backbone, which is no file that `gradcam layers` could list. */
function valueIn({ id }: Backbone, from: string | undefined, layers: readonly Layer[]): string | undefined {
  try {
    return valueOf(from, layers, id);
  } catch (error) {
    if (!(error instanceof GradcamError)) throw error;
    const modules = new Set(layers.map(({ name }) => name.split('.')[0]!));
    throw new GradcamError({ ...error.parts, hint: `its modules are ${[...modules].join(', ')}` });
  }
}

function requireFloats(init: string, dtype: string): void {
  if (dtype === 'float32') return;
  throw new GradcamError({
    code: 'not-trainable',
    what: `${init} takes pictures as ${dtype} and cannot be trained`,
    expected: 'a model with float32 input',
    hint: 'export it in single precision',
  });
}
