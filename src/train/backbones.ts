// The table of backbones, and how one becomes a graph to train.
import { inferTypes } from '../graph/infer.ts';
import type { Constant, Graph } from '../graph/graph.ts';
import { unknownName } from '../lib/names.ts';
import { Random } from '../lib/random.ts';
import { families } from '../model/torch/architectures.ts';
import { Network } from '../model/torch/network.ts';
import { Weights } from '../model/torch/weights.ts';
import { InitialWeights, type Backbone, type BackboneOptions } from './backbone.ts';
import { densenet121 } from './backbones/densenet121.ts';
import { efficientnetv2S } from './backbones/efficientnetv2-s.ts';
import { resnet50 } from './backbones/resnet50.ts';
import { small } from './backbones/small.ts';
import { findHead } from './head.ts';
import type { DropSite } from './network.ts';

export const backbones: readonly Backbone[] = [small, resnet50, efficientnetv2S, densenet121];

const IMAGE = 'input';

/** A network to be trained from scratch. */
export interface BuiltBackbone {
  readonly graph: Graph;
  /** Name of the image input, NCHW. */
  readonly input: string;
  readonly logits: string;
  readonly drops: readonly DropSite[];
}

export interface BuildOptions extends BackboneOptions {
  readonly batch: number;
  /** [height, width] of the pictures. */
  readonly size: readonly [number, number];
  readonly seed: number;
}

/** The first weights of a backbone as a state dict with PyTorch's names. */
export function initialWeights(backbone: Backbone, options: BackboneOptions & { seed: number }): Map<string, Constant> {
  const weights = new InitialWeights(Random.of(options.seed, 'weights', backbone.id));
  backbone.fill(weights, options);
  return weights.constants;
}

/** A backbone with first weights drawn by the seed: the same on every machine. */
export function buildBackbone(backbone: Backbone, options: BuildOptions): BuiltBackbone {
  return backboneOf(backbone, initialWeights(backbone, options), options);
}

/** A backbone around weights that are there. */
function backboneOf(
  backbone: Backbone,
  constants: ReadonlyMap<string, Constant>,
  { batch, size, channels, head }: Omit<BuildOptions, 'seed' | 'classes'>,
): BuiltBackbone {
  const shapes = new Map([...constants].map(([name, { shape }]) => [name, shape]));
  const net = new Network(
    new Weights(shapes, constants),
    head === 'normed' ? { classifier: 'cosine' } : { classifier: 'linear' },
  );
  const family = families.find(({ variants }) => backbone.architecture in variants)!;
  const logits = family.build(net, net.input(IMAGE, [batch, channels, ...size]), backbone.architecture);
  const graph = inferTypes(net.finish(logits));
  const dropped = findHead(graph, logits.name)!.features;
  const dropout: DropSite[] =
    backbone.dropout === 0 ? [] : [{ value: dropped, kind: 'elements', rate: backbone.dropout }];
  return { graph, input: IMAGE, logits: logits.name, drops: [...(backbone.drops?.(graph) ?? []), ...dropout] };
}

/** Throws GradcamError for a name that is not in the table. */
export function findBackbone(id: string): Backbone {
  const found = backbones.find((backbone) => backbone.id === id);
  if (found !== undefined) return found;
  throw unknownName('backbone', id, backbones.map((backbone) => backbone.id)); // prettier-ignore
}
