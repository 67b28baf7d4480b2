// One session of ONNX Runtime and the jobs it does: in a worker thread, or in the calling one.
import type { InferenceSession } from 'onnxruntime-node';
import type { Feeds, Tensor } from '../program/feeds.ts';
import { fromOrt, loadOnnxRuntime, toOrt, type Ort } from './ort.ts';

export type SessionJobs = {
  open: { input: { model: Uint8Array; options: InferenceSession.SessionOptions }; output: null };
  run: { input: { feeds: Feeds }; output: Record<string, Tensor> };
};

export interface SessionDesk {
  readonly open: (input: SessionJobs['open']['input']) => Promise<null>;
  readonly run: (input: SessionJobs['run']['input']) => Promise<Record<string, Tensor>>;
  readonly end: () => Promise<void>;
}

export function openSessionDesk(): SessionDesk {
  let open: { ort: Ort; session: InferenceSession; inputs: ReadonlySet<string> } | undefined;
  return {
    async open({ model, options }) {
      const ort = await loadOnnxRuntime();
      const session = await ort.InferenceSession.create(model, options);
      open = { ort, session, inputs: new Set(session.inputNames) };
      return null;
    },
    async run({ feeds }) {
      const { ort, session, inputs } = open!;
      const given = Object.entries(feeds).filter(([name]) => inputs.has(name));
      const results = await session.run(Object.fromEntries(given.map(([name, tensor]) => [name, toOrt(ort, tensor)])));
      return Object.fromEntries(Object.entries(results).map(([name, value]) => [name, fromOrt(value)]));
    },
    async end() {
      await open?.session.release();
      open = undefined;
    },
  };
}
