// A thread with one session: ONNX Runtime holds the thread it runs on, so that thread is not the one that coordinates.
import { serveJobs } from '../lib/serve-jobs.ts';
import { loadOnnxRuntime } from './ort.ts';
import { openSessionDesk, type SessionJobs } from './session-jobs.ts';

void loadOnnxRuntime().catch(() => undefined); // before the first job; that one tells where it does not load
const desk = openSessionDesk();
serveJobs<SessionJobs>({ block: desk.block, open: desk.open, run: desk.run }, buffersOf, { end: desk.end });

function buffersOf(output: SessionJobs[keyof SessionJobs]['output']): ArrayBuffer[] {
  return output === null || typeof output === 'number'
    ? []
    : Object.values(output.outputs).map(({ data }) => data.buffer as ArrayBuffer);
}
