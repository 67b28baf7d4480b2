// Eager engines: the same functions, computed by a TensorFlow.js backend. Slow, and the reference of everything compiled.
import { GradcamError, messageOf } from '../lib/errors.ts';
import { sharedNow } from '../lib/intervals.ts';
import { tf } from '../tf/tfjs.ts';
import type { Engine } from './engine.ts';

export interface Backend {
  readonly id: string;
  readonly title: string;
  /** Name under which TensorFlow.js knows the backend. */
  readonly backend: string;
  /** Package that brings it; null where it is part of ours. */
  readonly package: string | null;
  readonly remedy: string;
}

export function tfjsEngine({ id, title, backend, package: peer, remedy }: Backend): Engine {
  const activate = async (): Promise<void> => {
    if (peer !== null && tf.findBackendFactory(backend) === null) await import(peer);
    if (tf.getBackend() !== backend && !(await tf.setBackend(backend)))
      throw new Error(`TensorFlow.js does not start its backend "${backend}"`);
    await tf.ready();
  };
  return {
    id,
    title,
    priority: null,
    async available() {
      const before = tf.getBackend();
      try {
        await activate();
        return true;
      } catch (error) {
        return `${messageOf(error).split('\n')[0]!}. ${remedy}`;
      } finally {
        await tf.setBackend(before || 'cpu');
      }
    },
    async open(program, { onRun }) {
      await activate().catch((cause: unknown) => {
        throw new GradcamError({
          code: 'engine-missing',
          what: `The engine ${id} does not start.`,
          found: messageOf(cause),
          hint: remedy,
          cause,
        });
      });
      return {
        async run(feeds) {
          await activate();
          const began = sharedNow();
          const outputs = await program.compute(feeds);
          onRun?.(began, sharedNow());
          return outputs;
        },
        close: () => Promise.resolve(),
      };
    },
  };
}
