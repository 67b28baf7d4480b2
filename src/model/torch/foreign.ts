// Networks that are known by their weights and not built here, because their weights do not tell enough or nobody asked yet:
// named in the error, so that its reader knows that the file itself is sound.
import type { Weights } from './weights.ts';

interface Foreign {
  readonly title: string;
  /** A weight that it has, at the end of the name. */
  readonly mark: string;
}

const foreigners: readonly Foreign[] = [
  { title: 'an EfficientNet of the package efficientnet_pytorch', mark: '_conv_stem.weight' },
  { title: "timm's Swin Transformer", mark: 'layers.0.blocks.0.attn.relative_position_bias_table' },
  { title: 'Swin Transformer V2', mark: 'features.1.0.attn.logit_scale' },
  { title: 'a MaxViT', mark: 'blocks.0.layers.0.layers.MBconv.layers.pre_norm.weight' },
  { title: 'a network of the package transformers', mark: 'embeddings.patch_embeddings.projection.weight' },
  { title: 'a network of the package transformers', mark: 'embedder.embedder.convolution.weight' },
  { title: 'a CLIP model', mark: 'visual.conv1.weight' },
  { title: 'a network of Ultralytics', mark: 'model.0.conv.weight' },
  { title: 'a U-Net of segmentation_models_pytorch', mark: 'segmentation_head.0.weight' },
];

/** What the weights look like, or null. */
export function foreignTitle(weights: Weights): string | null {
  const found = foreigners.find(({ mark }) => weights.names.some((name) => name === mark || name.endsWith(`.${mark}`)));
  return found?.title ?? null;
}
