import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { tf } from '../../src/tf/tfjs.ts';
import { expectGradCam, expectLogits, tapsOf } from './network-checks.ts';
import { infoOf, networkFolders } from './networks.ts';

const root = fileURLToPath(new URL('../fixtures', import.meta.url));
const names = networkFolders(root);

beforeAll(() => tf.setBackend('cpu'));

test('there are networks to replay', () => expect(names.length).toBeGreaterThan(10));

// One file and one layer each; networks.slow.test.ts takes them all.
test.each(names)('%s has the logits and the Grad-CAM of PyTorch', (name) => {
  const folder = join(root, name);
  const tap = tapsOf(infoOf(folder)).at(0)!;
  expectLogits(folder, tap.variant);
  expectGradCam(folder, tap);
});
