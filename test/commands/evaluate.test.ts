// The flags of gradcam evaluate as the library gets them, and what it prints.
import { expect, it, vi } from 'vitest';
import { run } from './fake-context.ts';

const runs = [{ run: 'ce', accuracy: 0.5 }, { run: 'lmf', accuracy: 0.75 }]; // prettier-ignore
const column = (id: string, mean: number) => ({ run: id, method: 'gradcam', maps: 4, zero: 0, metrics: { entropy: { mean, n: 4 } } }); // prettier-ignore
const flags = ['evaluate', '--models', 'a', '--data', 'd'];

it('hands on how labels are read', async () => {
  const evaluate = vi.fn().mockResolvedValue({ runs, maps: null, warnings: [] });
  const { code } = await run([...flags, '--odir-labels', 'patient', '--label-separator', ';', '--json'], { evaluate });
  expect(code).toBe(0);
  expect(evaluate.mock.calls[0]?.[0]).toMatchObject({ odirLabels: 'patient', labelSeparator: ';' });
  const wrong = await run([...flags, '--odir-labels', 'both'], { evaluate });
  expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('eye, patient, keywords')]);
});

it('prints the numbers of each run, and where maps were measured those of its maps', async () => {
  const evaluate = vi.fn().mockResolvedValueOnce({ runs, maps: null, warnings: [] });
  expect(JSON.parse((await run([...flags, '--json'], { evaluate })).stdout)).toEqual(runs);

  evaluate.mockResolvedValueOnce({ runs, maps: { columns: [column('ce', 0.9), column('lmf', 0.8)] }, warnings: [] });
  const printed: unknown = JSON.parse((await run([...flags, '--maps', '--json'], { evaluate })).stdout);
  expect(printed).toMatchObject([
    { run: 'ce', accuracy: 0.5, maps: [{ method: 'gradcam', metrics: { entropy: { mean: 0.9 } } }] },
    { run: 'lmf', accuracy: 0.75, maps: [{ method: 'gradcam', metrics: { entropy: { mean: 0.8 } } }] },
  ]);
});
