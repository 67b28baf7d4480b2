// Vision transformers under torchvision's and timm's names: patches become tokens, a class token gathers what is classified.
// Dosovitskiy et al. 2020, https://arxiv.org/abs/2010.11929; DeiT: Touvron et al. 2020, https://arxiv.org/abs/2012.12877
import { GradcamError } from '../../../lib/errors.ts';
import type { Family, Variant } from '../architecture.ts';
import { classify } from '../head.ts';
import type { Network, Value } from '../network.ts';
import type { Weights } from '../weights.ts';
import { attention } from './attention.ts';

const EPSILON = 1e-6;
/** Width of a head in every usual network but ViT-H, which has 16 of 80. */
const [HEAD_WIDTH, HUGE_WIDTH, HUGE_HEADS] = [64, 1280, 16];

const variant = (depth: number, width: number, patch: number): Variant => ({
  signature: `${depth} blocks of width ${width}, patches of ${patch}`,
});

export const vit: Family = {
  id: 'vit',
  title: 'Vision Transformer',
  marks: ['conv_proj.weight', 'class_token', 'encoder.pos_embedding', 'encoder.layers.encoder_layer_0.ln_1.weight'],
  signature: (weights) => signatureOf(weights, 'conv_proj', weights.countOf('encoder.layers.encoder_layer_')),
  variants: {
    vit_b_16: variant(12, 768, 16),
    vit_b_32: variant(12, 768, 32),
    vit_l_16: variant(24, 1024, 16),
    vit_l_32: variant(24, 1024, 32),
    vit_h_14: variant(32, 1280, 14),
  },
  isOpen: () => true,
  inputSize: (weights) => sizeOf(weights, 'conv_proj', 'encoder.pos_embedding', 1),
  build(net, image) {
    const patches = tokensOf(net, image, 'conv_proj');
    const first = net.repeat(net.weight('class_token', [1, 1, patches.shape[2]!]), image.shape[0]!, '');
    let x = withPositions(net, net.concat([first, patches], 1, ''), 'encoder.pos_embedding', 'encoder');
    const blocks = net.weights.countOf('encoder.layers.encoder_layer_');
    for (let block = 0; block < blocks; block++) x = encoderBlock(net, x, `encoder.layers.encoder_layer_${block}`);
    const classToken = net.select(net.layerNorm(x, 'encoder.ln', EPSILON), 1, 0, '');
    return classify(net, classToken, 'heads', {
      activation: 'tanh',
      layered: net.weights.hasModule('heads.pre_logits'),
    });
  },
};

function encoderBlock(net: Network, x: Value, path: string): Value {
  const place = `${path}.self_attention`;
  const width = x.shape[2]!;
  const y = attention(net, net.layerNorm(x, `${path}.ln_1`, EPSILON), place, {
    weight: net.weight(`${place}.in_proj_weight`, [3 * width, width]),
    bias: net.weight(`${place}.in_proj_bias`, [3 * width]),
    out: `${place}.out_proj`,
    heads: headsOf(net, width),
  });
  const middle = net.add(y, x, path);
  // Before torchvision 0.14 the layers had names.
  const [widen, narrow] = net.weights.hasModule(`${path}.mlp.linear_1`) ? ['linear_1', 'linear_2'] : ['0', '3'];
  const z = perceptron(net, net.layerNorm(middle, `${path}.ln_2`, EPSILON), `${path}.mlp`, widen, narrow);
  return net.add(middle, z, path);
}

export const timmVit: Family = {
  // OpenAI's GELU, which is another function; timm's test networks have heads of their own widths.
  lookalikes: /quickgelu|test_vit/i,
  id: 'timm_vit',
  title: "timm's Vision Transformer",
  marks: ['patch_embed.proj.weight', 'cls_token', 'pos_embed', 'blocks.0.norm1.weight', 'blocks.0.attn.qkv.weight'],
  signature: (weights) => signatureOf(weights, 'patch_embed.proj', weights.countOf('blocks.')),
  variants: {
    vit_tiny_patch16_224: variant(12, 192, 16),
    vit_small_patch16_224: variant(12, 384, 16),
    vit_small_patch32_224: variant(12, 384, 32),
    vit_base_patch8_224: variant(12, 768, 8),
    vit_base_patch16_224: variant(12, 768, 16),
    vit_base_patch32_224: variant(12, 768, 32),
    vit_large_patch16_224: variant(24, 1024, 16),
    vit_huge_patch14_224: variant(32, 1280, 14),
    deit_tiny_patch16_224: variant(12, 192, 16),
    deit_small_patch16_224: variant(12, 384, 16),
    deit_base_patch16_224: variant(12, 768, 16),
  },
  isOpen: () => true,
  inputSize: (weights) => sizeOf(weights, 'patch_embed.proj', 'pos_embed', specialTokens(weights).length),
  ignored: /^mask_token$/,
  build(net, image) {
    const special = specialTokens(net.weights);
    let x = withSpecialTokens(net, tokensOf(net, image, 'patch_embed.proj'), special);
    if (net.weights.hasModule('norm_pre')) x = net.layerNorm(x, 'norm_pre', EPSILON);
    const blocks = net.weights.countOf('blocks.');
    for (let block = 0; block < blocks; block++) x = timmBlock(net, x, `blocks.${block}`);
    return timmHead(net, x, special.length);
  },
};

/** Tokens before those of the picture: class, distillation, registers. */
function specialTokens(weights: Weights): string[] {
  return ['cls_token', 'dist_token', 'reg_token'].flatMap((name) => {
    const count = weights.shapeOf(name)?.[1] ?? 0;
    return Array.from({ length: Math.min(count, 16) }, () => name);
  });
}

/** Positions are those of all tokens, or of the picture's alone, which then get theirs first. */
function withSpecialTokens(net: Network, patches: Value, special: readonly string[]): Value {
  const width = patches.shape[2]!;
  const tokens = [...new Set(special)].map((name) => {
    const count = special.filter((other) => other === name).length;
    return net.repeat(net.weight(name, [1, count, width]), patches.shape[0]!, '');
  });
  const isPictureOnly = net.weights.shapeOf('pos_embed')?.[1] === patches.shape[1];
  const placed = isPictureOnly ? withPositions(net, patches, 'pos_embed', 'pos_drop') : patches;
  const all = net.concat([...tokens, placed], 1, isPictureOnly ? 'pos_drop' : '');
  return isPictureOnly ? all : withPositions(net, all, 'pos_embed', 'pos_drop');
}

function timmBlock(net: Network, x: Value, path: string): Value {
  const width = x.shape[2]!;
  const scaled = (y: Value, name: string): Value =>
    net.weights.hasModule(`${path}.${name}`)
      ? net.multiply(y, net.weight(`${path}.${name}.gamma`, [width]), `${path}.${name}`)
      : y;
  const y = attention(net, net.layerNorm(x, `${path}.norm1`, EPSILON), `${path}.attn`, {
    weight: net.weight(`${path}.attn.qkv.weight`, [3 * width, width]),
    bias: net.weights.has(`${path}.attn.qkv.bias`) ? net.weight(`${path}.attn.qkv.bias`, [3 * width]) : null,
    out: `${path}.attn.proj`,
    heads: headsOf(net, width),
  });
  const middle = net.add(x, scaled(y, 'ls1'), path);
  const z = perceptron(net, net.layerNorm(middle, `${path}.norm2`, EPSILON), `${path}.mlp`, 'fc1', 'fc2');
  return net.add(middle, scaled(z, 'ls2'), path);
}

/** By the class token, by it and the distillation token, or by the mean over the picture where `fc_norm` follows it. */
function timmHead(net: Network, x: Value, special: number): Value {
  if (net.weights.hasModule('fc_norm')) {
    const cells = net.slice(x, 1, special, x.shape[1]!, '');
    return classify(net, net.layerNorm(net.mean(cells, [1], ''), 'fc_norm', EPSILON), 'head');
  }
  const y = net.layerNorm(x, 'norm', EPSILON);
  const logits = classify(net, net.select(y, 1, 0, ''), 'head');
  if (!net.weights.hasModule('head_dist')) return logits;
  return net.scale(net.add(logits, net.linear(net.select(y, 1, 1, ''), 'head_dist'), 'head'), 0.5, 'head');
}

function signatureOf(weights: Weights, patches: string, depth: number): string {
  const [width, , side] = weights.shapeOf(`${patches}.weight`) ?? [];
  return `${depth} blocks of width ${width}, patches of ${side}`;
}

function sizeOf(
  weights: Weights,
  patches: string,
  positions: string,
  special: number,
): readonly [number, number] | null {
  const count = weights.shapeOf(positions)?.[1] ?? 0;
  const patch = weights.shapeOf(`${patches}.weight`)?.[2] ?? 1;
  const sides = [count - special, count].map(Math.sqrt);
  const side = sides.find((value) => Number.isInteger(value) && value > 0);
  return side === undefined ? null : [side * patch, side * patch];
}

/** [batch, channels, height, width] -> one token per patch, [batch, patches, width]. */
function tokensOf(net: Network, image: Value, path: string): Value {
  const patch = net.weights.shapeOf(`${path}.weight`)?.[2] ?? 16;
  const grid = net.conv(image, path, { stride: patch, padding: [0, 0] });
  const [batch = 1, width = 1, rows = 1, columns = 1] = grid.shape;
  return net.transpose(net.reshape(grid, [batch, width, rows * columns], path), path, [0, 2, 1]);
}

function withPositions(net: Network, tokens: Value, name: string, path: string): Value {
  return net.add(tokens, net.weight(name, [1, ...tokens.shape.slice(1)]), path);
}

function perceptron(net: Network, x: Value, path: string, widen: string, narrow: string): Value {
  const wide = net.gelu(net.linear(x, `${path}.${widen}`), `${path}.act`);
  return net.linear(wide, `${path}.${narrow}`);
}

function headsOf(net: Network, width: number): number {
  const usual = width === HUGE_WIDTH ? HUGE_HEADS : width / HEAD_WIDTH;
  const heads = net.hints.heads ?? usual;
  if (Number.isInteger(heads) && heads > 0 && width % heads === 0) return heads;
  throw new GradcamError({
    code: 'unknown-heads',
    what: `The weights do not tell how many attention heads this transformer of width ${width} has.`,
    expected: `a divisor of ${width}`,
    found:
      net.hints.heads === undefined
        ? `${width} is no multiple of the usual ${HEAD_WIDTH}`
        : `${net.hints.heads} in run.json`,
    hint: 'Say it in run.json: "heads": 4',
  });
}
