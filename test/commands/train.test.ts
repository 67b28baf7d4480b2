// The flags of gradcam train as the library gets them.
import { expect, it, vi } from 'vitest';
import type { RunSummary } from '../../src/train.ts';
import { temporaryFolder } from '../lib/temporary-folder.ts';
import { run } from './fake-context.ts';

const summary: RunSummary = {
  run: 'lmf',
  folder: 'runs/lmf',
  loss: 'lmf',
  seed: 0,
  status: 'trained',
  error: null,
  epoch: 7,
  epochs: 18,
  seconds: 62,
  busy: 0.98,
  metrics: { split: 'test, 9 pictures', accuracy: 0.75, macroF1: 0.5 },
  synthetic: false,
};

it('hands options on: losses, terms, columns, and the command line', async () => {
  const train = vi.fn().mockResolvedValue([summary]);
  const flags = [
    '--data',
    'd',
    '--loss',
    'ce,lmf',
    '--lmf-alpha',
    '1.5',
    '--focal-weight',
    '2',
    '--group-col',
    'patient',
  ];
  const more = [
    '--loss-option',
    'lmf.gamma=3',
    '--loss-option',
    'ldam.classWeights=1,2',
    '--demo-train',
    '70',
    '--resume',
  ];
  const { code } = await run(['train', ...flags, ...more], { train });
  expect(code).toBe(0);
  expect(train.mock.calls[0]?.[0]).toMatchObject({
    data: 'd',
    loss: ['ce', 'lmf'],
    ldamWeight: 1.5,
    focalWeight: 2,
    lossOptions: { lmf: { gamma: 3 }, ldam: { classWeights: [1, 2] } },
    reading: { groupCol: 'patient', demo: { train: 70 } },
    resume: true,
    command: `gradcam train ${[...flags, ...more].join(' ')}`,
  });
});

it('reads a config file, flags count more', async () => {
  const train = vi.fn().mockResolvedValue([summary]);
  const file = temporaryFolder().put(
    'c.json',
    '{ "data": "d", "lr": 0.5, "epochs": 3, /* both */ "loss": ["ce", "ldam"] }',
  );
  await run(['train', '--config', file, '--lr', '0.1'], { train });
  expect(train.mock.calls[0]?.[0]).toMatchObject({ data: 'd', lr: 0.1, epochs: 3, loss: ['ce', 'ldam'] });
});

it('prints a table, or JSON, or folders', async () => {
  const library = { train: () => Promise.resolve([summary]) };
  const table = await run(['train', '--data', 'd'], library);
  expect(table.stdout).toBe(
    'run  status   epoch  accuracy  macro F1  steps took  folder\n' +
      'lmf  trained  7/18   0.750     0.500     1 min 02 s  runs/lmf\n' +
      'Scores: test, 9 pictures.\n',
  );
  expect(JSON.parse((await run(['train', '--data', 'd', '--json'], library)).stdout)).toEqual([summary]);
  expect((await run(['train', '--data', 'd', '--quiet'], library)).stdout).toBe('runs/lmf\n');
});

it('fails where a run failed', async () => {
  const failed = { ...summary, status: 'failed' as const, error: 'the disk is full\n  to do: free some' };
  const { code, stderr } = await run(['train', '--data', 'd'], { train: () => Promise.resolve([failed]) });
  expect(code).toBe(1);
  expect(stderr).toContain('1 of 1 runs failed\n  found:    lmf: the disk is full');
});

it.each([
  ['--data is missing', []],
  ['unknown loss "lfm"', ['--data', 'd', '--loss', 'lfm']],
  ['loss.name=value', ['--data', 'd', '--loss-option', 'gamma=2']],
  ['--lmf-alpha is another name', ['--data', 'd', '--ldam-weight', '1', '--lmf-alpha', '2']],
])('%s', async (text, flags) => {
  const { code, stderr, isLibraryLoaded } = await run(['train', ...flags]);
  expect([code, isLibraryLoaded]).toEqual([1, false]);
  expect(stderr).toContain(text);
});

it('a config file with an unknown name', async () => {
  const file = temporaryFolder().put('c.json', '{ "learningRate": 1 }');
  const { code, stderr } = await run(['train', '--config', file]);
  expect([code, stderr]).toEqual([1, expect.stringContaining('unknown option "learningRate"') as string]);
});

it.each([
  ['{ "lr": ', 'is no config file'],
  ['[1]', 'is no config file'],
])('a config file that is none: %s', async (text, told) => {
  const file = temporaryFolder().put('c.json', text);
  const { code, stderr } = await run(['train', '--config', file]);
  expect([code, stderr]).toEqual([1, expect.stringContaining(told) as string]);
});
