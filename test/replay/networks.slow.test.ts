import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, test } from 'vitest';
import { tf } from '../../src/tf/tfjs.ts';
import { expectGradCam, expectLogits, expectTracedGradCam, tapsOf } from './network-checks.ts';
import { infoOf, networkFolders } from './networks.ts';

const root = fileURLToPath(new URL('../fixtures', import.meta.url));

beforeAll(() => tf.setBackend('cpu'));

describe.each(networkFolders(root))('%s', (name) => {
  const folder = join(root, name);
  const info = infoOf(folder);
  test.each(Object.keys(info.onnx))('%s has the logits of PyTorch', (variant) => expectLogits(folder, variant));
  test.each(tapsOf(info).map((tap) => [tap.variant, tap.layer.module, tap] as const))(
    '%s has the Grad-CAM of PyTorch at %s',
    (_variant, _module, tap) => expectGradCam(folder, tap),
  );
  test.each(tapsOf(info).map((tap) => [tap.variant, tap.layer.module, tap] as const))(
    '%s, its tail recorded and run by ONNX Runtime, has the Grad-CAM of PyTorch at %s',
    (_variant, _module, tap) => expectTracedGradCam(folder, tap),
  );
});
