// One session of ONNX Runtime and the jobs it does: in a worker thread, or in the calling one.
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { sharedNow } from '../lib/intervals.ts';
import type { ApartModel } from '../onnx/encode.ts';
import type { Feeds, Tensor } from '../program/feeds.ts';
import { measureBlock } from './block-size.ts';
import { createSession, fromOrt, loadOnnxRuntime, toOrt, type Ort } from './ort.ts';

export type SessionJobs = {
  block: { input: null; output: number | null };
  open: { input: { model: ApartModel; options: InferenceSession.SessionOptions }; output: null };
  run: { input: { feeds: Feeds; into?: Feeds | undefined }; output: SessionResults };
};

export interface SessionResults {
  readonly outputs: Record<string, Tensor>;
  /** When the runtime began and ended to compute, by `sharedNow`. */
  readonly began: number;
  readonly ended: number;
}

export interface SessionDesk {
  readonly block: () => Promise<number | null>;
  readonly open: (input: SessionJobs['open']['input']) => Promise<null>;
  readonly run: (input: SessionJobs['run']['input']) => Promise<SessionResults>;
  readonly end: () => Promise<void>;
}

export function openSessionDesk(): SessionDesk {
  let open: { ort: Ort; session: InferenceSession; inputs: ReadonlySet<string> } | undefined;
  return {
    block: measureBlock,
    async open({ model, options }) {
      const ort = await loadOnnxRuntime();
      const session = await createSession(ort, model, options);
      open = { ort, session, inputs: new Set(session.inputNames) };
      return null;
    },
    async run({ feeds, into = {} }) {
      const { ort, session, inputs } = open!;
      const converted = (tensors: readonly (readonly [string, Feeds[string]])[]): Record<string, OrtTensor> =>
        Object.fromEntries(tensors.map(([name, tensor]) => [name, toOrt(ort, tensor)]));
      const given = converted(Object.entries(feeds).filter(([name]) => inputs.has(name)));
      const fetches = converted(Object.entries(into));
      const others = session.outputNames.filter((name) => !(name in into)).map((name) => [name, null] as const);
      const began = sharedNow();
      const results =
        Object.keys(fetches).length === 0
          ? await session.run(given)
          : await session.run(given, { ...fetches, ...Object.fromEntries(others) });
      const ended = sharedNow();
      const outputs = Object.fromEntries(Object.entries(results).map(([name, value]) => [name, fromOrt(value)]));
      return { outputs, began, ended };
    },
    async end() {
      await open?.session.release();
      open = undefined;
    },
  };
}
