// A thread with a desk: jobs in, one after another, answers out. Pixels stay here.
import { parentPort, type TransferListItem } from 'node:worker_threads';
import { openDesk, type JobKind, type Jobs } from './desk.ts';
import { farewell, packError, type Answer, type Request } from './wire.ts';

const port = parentPort;
if (port === null) throw new Error('worker.ts runs in a worker thread only');
const desk = openDesk();
let last: Promise<void> = Promise.resolve();

port.on('message', (request: Request | typeof farewell) => {
  // One at a time: memory stays that of one decoding, and as many cores are busy as there are workers.
  last = last.then(() => (request === farewell ? port.close() : serve(request)));
});

async function serve<K extends JobKind>({ id, kind, input }: Request<K>): Promise<void> {
  let answer: Answer;
  try {
    answer = { id, output: await desk[kind](input) };
  } catch (error) {
    answer = { id, failure: packError(error) };
  }
  port?.postMessage(answer, 'output' in answer ? buffersOf(answer.output) : []);
}

/** Memory handed over instead of copied. */
function buffersOf(output: Jobs[JobKind]['output']): TransferListItem[] {
  if (output === null || output instanceof Uint8Array) return [];
  if ('data' in output) return [plain(output.data.buffer)];
  return [...new Set(output.inputs.map((input) => plain(input.data.buffer)))];
}

function plain(buffer: ArrayBufferLike): ArrayBuffer {
  if (buffer instanceof ArrayBuffer) return buffer;
  throw new TypeError('pixels in shared memory');
}
