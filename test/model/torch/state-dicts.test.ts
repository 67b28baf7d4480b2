// torchvision's networks at reduced width: rebuilt from their weights alone they give PyTorch's logits.
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { largestDifference, npy } from '../../arrays.ts';
import { computeLogits, fixtures, pictures } from './logits.ts';

const networks = readdirSync(fixtures).filter((name) => name.startsWith('state-') && !/-(pictures|forms)$/.test(name));

test.each(networks)('%s', async (network) => {
  const { logits } = await computeLogits(`${fixtures}${network}/state.safetensors`, pictures);
  const expected = await npy(`${fixtures}${network}/logits.npy`);
  expect(largestDifference(logits, expected.data)).toBeLessThan(1e-4 * Math.max(...expected.data.map(Math.abs)));
});

test.each([
  ['state-resnet-cosine', 'its logits are cosines (NormedLinear)'],
  ['state-resnet-layered', 'ReLU is assumed between them'],
  ['state-efficientnet-v2', 'adds 0.001 to the variance'],
  ['state-efficientnet', 'adds 0.00001 to the variance'],
  ['state-vgg', 'run.json names vgg11_bn; the weights are those of a network of 1-1-1-2-1, normalised'],
])('what %s leaves open is said', async (network, sentence) => {
  const { assumed } = await computeLogits(`${fixtures}${network}/state.safetensors`, pictures);
  expect(assumed.join(' ')).toContain(sentence);
});
