import { expect, test, vi } from 'vitest';

// Not slow, but TensorFlow.js loads once a process, so only the first import can greet: only the slow tests have a process for
// each file.
test('loading and first use print nothing, allocate nothing and leave the flags alone', async () => {
  const printed = (['log', 'info', 'warn', 'error', 'debug'] as const).map((method) =>
    vi.spyOn(console, method).mockImplementation(() => undefined),
  );
  const { tf } = await import('../../src/tf/tfjs.ts');
  expect(tf.findBackend('cpu').numDataIds()).toBe(0);
  expect(tf.env().getBool('PROD')).toBe(false);
  const sum = tf.tidy(() => tf.add(tf.tensor1d([1, 2]), 3).arraySync());
  expect(sum).toEqual([4, 5]);
  for (const spy of printed) expect(spy).not.toHaveBeenCalled();
});
