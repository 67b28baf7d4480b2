// One network in every form in which training scripts leave weights: all give the same logits, and say what was taken.
import { expect, test } from 'vitest';
import { GradcamError } from '../../../src/lib/errors.ts';
import { loadModel } from '../../../src/model/load.ts';
import { largestDifference, npy } from '../../arrays.ts';
import { temporaryFolder } from '../../lib/temporary-folder.ts';
import { zipOf } from '../formats/zip-writer.ts';
import { computeLogits, fixtures, pictures } from './logits.ts';

const folder = `${fixtures}state-forms/`;
/** Share of the largest logit that half precision of the weights alone may change. */
const [EXACT, HALF, BRAIN] = [1e-4, 1e-2, 1e-1];

test.each([
  ['state.safetensors', EXACT, 'recognised by its weights'],
  ['plain.pth', EXACT, 'recognised by its weights'],
  ['legacy.pth', EXACT, 'recognised by its weights'],
  ['strided.pth', EXACT, 'recognised by its weights'],
  ['checkpoint.pth.tar', EXACT, 'Names of weights begin with "module."'],
  ['lightning.ckpt', EXACT, 'Weights are those under "state_dict". Names of weights begin with "model."'],
  ['averaged.pth', EXACT, 'Weights are those under "model"; "model_ema" holds others'],
  ['compiled.pth', EXACT, 'Weights are those under "net"'],
  ['wrapped.pth', EXACT, 'The classifier is "head"'],
  ['whole.pt', EXACT, 'a whole pickled network (torchvision.models.resnet.ResNet)'],
  ['double.safetensors', EXACT, 'recognised by its weights'],
  ['half.pth', HALF, 'recognised by its weights'],
  ['bfloat16.safetensors', BRAIN, 'recognised by its weights'],
])('%s', async (file, tolerance, sentence) => {
  const { logits, assumed } = await computeLogits(folder + file, pictures);
  const { data: expected } = await npy(`${folder}logits.npy`);
  expect(largestDifference(logits, expected)).toBeLessThan(tolerance * Math.max(...expected.map(Math.abs)));
  expect(assumed.join(' ')).toContain(sentence);
});

test('class names beside the weights are taken', async () => {
  const { classes } = await computeLogits(`${folder}compiled.pth`, pictures);
  expect(classes).toEqual(['a', 'b', 'c', 'd', 'e']);
});

test('a TorchScript program is refused with the way out', async () => {
  const refusal = await loadModel(`${folder}torchscript.pt`).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(GradcamError);
  expect((refusal as GradcamError).code).toBe('torchscript');
  expect((refusal as GradcamError).message).toMatch(/state_dict|ONNX/);
});

test('so is a program of torch.export', async () => {
  const archive = temporaryFolder();
  archive.put('net.pt2', zipOf([{ name: 'net/models/model.json', bytes: Buffer.from('{}') }]));
  await expect(loadModel(`${archive.path}/net.pt2`)).rejects.toMatchObject({ code: 'torch-export' });
});
