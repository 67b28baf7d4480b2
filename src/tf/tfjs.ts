// TensorFlow.js without its banner. Every module that runs TensorFlow.js operations imports `tf` from here;
// types alone may come from '@tensorflow/tfjs'. Loading takes a few hundred milliseconds: commands import lazily.
import * as tf from '@tensorflow/tfjs';

silenceBanner();

export { tf };

/**
 * The `cpu` backend greets on its first write, on stderr, unless the library's own `PROD` flag is up. One write under
 * that flag uses the greeting up; the flag is put back. `cpu` becomes the current backend unless another one already is:
 * otherwise TensorFlow.js, choosing it later by itself, would make a second one, which greets again.
 */
function silenceBanner(): void {
  const flags = tf.env();
  const production = flags.getBool('PROD');
  flags.set('PROD', true);
  // The promise is settled: `cpu` needs no waiting.
  if (!tf.getBackend()) void tf.setBackend('cpu');
  const cpu = tf.findBackend('cpu');
  cpu.disposeData(cpu.write(new Float32Array(1), [1], 'float32'));
  flags.set('PROD', production);
}
