// The inside of a worker thread: jobs in, one after another, answers out.
import { parentPort, type TransferListItem } from 'node:worker_threads';
import { farewell, packError, type Answer, type JobTable, type Request } from './threads.ts';

/** How each kind of job is done. */
export type Handlers<Jobs extends JobTable> = {
  readonly [K in keyof Jobs]: (input: Jobs[K]['input']) => Jobs[K]['output'] | Promise<Jobs[K]['output']>;
};

/**
 * Serves jobs until the other side says farewell, then calls `end`. One at a time: memory stays that of one job, and as
 * many cores are busy as there are threads. `buffersOf` names the memory of an answer that is handed over, not copied.
 */
export function serveJobs<Jobs extends JobTable>(
  handlers: Handlers<Jobs>,
  buffersOf: (output: Jobs[keyof Jobs]['output']) => readonly TransferListItem[],
  end: () => Promise<void> = () => Promise.resolve(),
): void {
  const port = parentPort;
  if (port === null) throw new Error('jobs are served in a worker thread only');
  let last: Promise<void> = Promise.resolve();
  port.on('message', (request: Request | typeof farewell) => {
    last = last.then(() => (request === farewell ? end().finally(() => port.close()) : serve(request)));
  });

  const serve = async ({ id, kind, input }: Request): Promise<void> => {
    let answer: Answer;
    try {
      answer = { id, output: await handlers[kind]!(input) };
    } catch (error) {
      answer = { id, failure: packError(error) };
    }
    port.postMessage(answer, 'output' in answer ? buffersOf(answer.output) : []);
  };
}
