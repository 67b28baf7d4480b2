// The inside of a worker thread: jobs in, one after another, answers out.
import { parentPort, type TransferListItem } from 'node:worker_threads';
import { farewell, packError, type Answer, type JobTable, type Request } from './threads.ts';

/** How each kind of job is done. */
export type Handlers<Jobs extends JobTable> = {
  readonly [K in keyof Jobs]: (input: Jobs[K]['input']) => Jobs[K]['output'] | Promise<Jobs[K]['output']>;
};

export interface ServeOptions<Jobs extends JobTable> {
  /** Called after the last job. */
  readonly end?: () => Promise<void>;
  /** Kinds that are done before others that are waiting. */
  readonly urgent?: readonly (keyof Jobs & string)[];
}

/**
 * Serves jobs until the other side says farewell. One at a time: memory stays that of one job, and as many cores are busy as
 * there are threads. `buffersOf` names the memory of an answer that is handed over, not copied.
 */
export function serveJobs<Jobs extends JobTable>(
  handlers: Handlers<Jobs>,
  buffersOf: (output: Jobs[keyof Jobs]['output']) => readonly TransferListItem[],
  { end = () => Promise.resolve(), urgent = [] }: ServeOptions<Jobs> = {},
): void {
  const port = parentPort;
  if (port === null) throw new Error('jobs are served in a worker thread only');
  const waiting: Request[] = [];
  let isLeaving = false;
  let isServing = false;
  port.on('message', (request: Request | typeof farewell) => {
    if (request === farewell) isLeaving = true;
    else waiting.push(request);
    if (!isServing) void serveWaiting();
  });

  const serveWaiting = async (): Promise<void> => {
    isServing = true;
    while (waiting.length > 0) {
      const first = waiting.findIndex(({ kind }) => urgent.includes(kind));
      await serve(waiting.splice(Math.max(0, first), 1)[0]!);
    }
    isServing = false;
    if (isLeaving) await end().finally(() => port.close());
  };

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
