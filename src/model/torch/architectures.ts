// The table of architectures, in the order in which they are looked for.
import type { Family } from './architecture.ts';
import { alexnet } from './architectures/alexnet.ts';
import { convnext } from './architectures/convnext.ts';
import { densenet } from './architectures/densenet.ts';
import { efficientnet } from './architectures/efficientnet.ts';
import { googlenet, inceptionV3 } from './architectures/inception.ts';
import { mnasnet } from './architectures/mnasnet.ts';
import { mobilenetV2 } from './architectures/mobilenet-v2.ts';
import { mobilenetV3 } from './architectures/mobilenet-v3.ts';
import { regnet } from './architectures/regnet.ts';
import { resnet } from './architectures/resnet.ts';
import { shufflenet } from './architectures/shufflenet.ts';
import { small } from './architectures/small.ts';
import { squeezenet } from './architectures/squeezenet.ts';
import { swin } from './architectures/swin.ts';
import { timmConvnext } from './architectures/timm-convnext.ts';
import { timmEfficientnet } from './architectures/timm-efficientnet.ts';
import { vgg } from './architectures/vgg.ts';
import { timmVit, vit } from './architectures/vit.ts';

export const families: readonly Family[] = [
  resnet,
  efficientnet,
  densenet,
  mobilenetV2,
  mobilenetV3,
  convnext,
  vgg,
  alexnet,
  squeezenet,
  regnet,
  shufflenet,
  mnasnet,
  googlenet,
  inceptionV3,
  vit,
  timmVit,
  swin,
  small,
  timmEfficientnet,
  timmConvnext,
];
