// EfficientNetV2-S as torchvision starts it, with its stochastic depth.
import type { Graph } from '../../graph/graph.ts';
import type { Backbone, InitialWeights } from '../backbone.ts';
import type { DropSite } from '../network.ts';

interface Stage {
  /** Whether the expanding and the depthwise convolution are one full one, without squeeze and excitation. */
  readonly fused: boolean;
  readonly expansion: number;
  readonly to: number;
  readonly blocks: number;
}

const STEM = 24;
const LAST = 1280;
const STAGES: readonly Stage[] = [
  { fused: true, expansion: 1, to: 24, blocks: 2 },
  { fused: true, expansion: 4, to: 48, blocks: 4 },
  { fused: true, expansion: 4, to: 64, blocks: 4 },
  { fused: false, expansion: 4, to: 128, blocks: 6 },
  { fused: false, expansion: 6, to: 160, blocks: 9 },
  { fused: false, expansion: 6, to: 256, blocks: 15 },
];
/** Rate at which the last block would be dropped; earlier ones in proportion to their place. */
const STOCHASTIC_DEPTH = 0.2;

export const efficientnetv2S: Backbone = {
  id: 'efficientnetv2-s',
  title: 'EfficientNetV2-S',
  paper: 'Tan and Le 2021, https://arxiv.org/abs/2104.00298',
  architecture: 'efficientnet_v2_s',
  size: 224,
  dropout: 0.2,
  fill(weights, { classes, head, channels }) {
    unit(weights, 'features.0', [STEM, channels, 3, 3]);
    let from = STEM;
    STAGES.forEach((stage, index) => {
      for (let block = 0; block < stage.blocks; block++) {
        bottleneck(weights, `features.${index + 1}.${block}.block`, from, stage);
        from = stage.to;
      }
    });
    unit(weights, `features.${STAGES.length + 1}`, [LAST, from, 1, 1]);
    if (head === 'normed') weights.cosine('classifier.1', classes, LAST);
    else {
      weights.uniform('classifier.1.weight', [classes, LAST], 1 / Math.sqrt(classes));
      weights.filled('classifier.1.bias', [classes], 0);
    }
  },
  drops(graph) {
    const total = STAGES.reduce((sum, { blocks }) => sum + blocks, 0);
    let place = 0;
    return STAGES.flatMap(({ blocks }, stage) =>
      Array.from({ length: blocks }, (_, block) => {
        const rate = (STOCHASTIC_DEPTH * place++) / total;
        return residualBranch(graph, `features.${stage + 1}.${block}`, rate);
      }).flat(),
    );
  },
};

function unit(weights: InitialWeights, path: string, shape: readonly [number, number, number, number]): void {
  weights.conv(`${path}.0`, shape);
  weights.norm(`${path}.1`, shape[0]);
}

function bottleneck(weights: InitialWeights, path: string, from: number, { fused, expansion, to }: Stage): void {
  const wide = from * expansion;
  if (fused) {
    unit(weights, `${path}.0`, [wide === from ? to : wide, from, 3, 3]);
    if (wide !== from) unit(weights, `${path}.1`, [to, wide, 1, 1]);
    return;
  }
  unit(weights, `${path}.0`, [wide, from, 1, 1]);
  unit(weights, `${path}.1`, [wide, 1, 3, 3]);
  const squeezed = Math.max(1, Math.floor(from / 4));
  for (const [name, shape] of [
    ['fc1', [squeezed, wide, 1, 1]],
    ['fc2', [wide, squeezed, 1, 1]],
  ] as const) {
    weights.conv(`${path}.2.${name}`, shape);
    weights.filled(`${path}.2.${name}.bias`, [shape[0]], 0);
  }
  unit(weights, `${path}.3`, [to, wide, 1, 1]);
}

/** What a block adds to its input, if it does. */
function residualBranch(graph: Graph, path: string, rate: number): DropSite[] {
  const sum = graph.nodes.find((node) => node.op === 'Add' && node.scope === path);
  return sum === undefined || rate === 0 ? [] : [{ value: sum.inputs[0]!, kind: 'samples', rate }];
}
