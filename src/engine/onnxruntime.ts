// Sessions of ONNX Runtime, the same for every execution provider.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { GradcamError, messageOf } from '../lib/errors.ts';
import { encodeModel } from '../onnx/encode.ts';
import type { Feeds, Program, Tensor } from '../program/feeds.ts';
import type { Engine, EngineOptions, Session } from './engine.ts';
import type * as OnnxRuntime from 'onnxruntime-node';
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';

type Ort = Omit<typeof OnnxRuntime, 'default'>;
const ERRORS_ONLY = 3;

/** ONNX Runtime, with its own warnings switched off: what concerns a user comes as an error. */
export async function loadOnnxRuntime(): Promise<Ort> {
  const ort = (await import('onnxruntime-node')).default;
  ort.env.logLevel = 'error';
  return ort;
}

export interface Provider {
  readonly id: string;
  readonly title: string;
  readonly priority: number | null;
  /** Name of the execution provider in ONNX Runtime. */
  readonly provider: 'cpu' | 'webgpu' | 'cuda' | 'tensorrt' | 'coreml' | 'dml';
  /** Library beside ONNX Runtime's own that brings the provider, by platform; without it ONNX Runtime writes to stderr. */
  readonly library?: Readonly<Partial<Record<NodeJS.Platform, string>>>;
  /** What to do where the provider is missing. */
  readonly remedy: string;
}

/** An engine that runs compiled graphs on one of ONNX Runtime's execution providers. */
export function onnxRuntimeEngine({ id, title, priority, provider, library, remedy }: Provider): Engine {
  return {
    id,
    title,
    priority,
    async available() {
      let ort: Ort;
      try {
        ort = await loadOnnxRuntime();
      } catch (error) {
        return `onnxruntime-node does not load on ${process.platform}-${process.arch}: ${messageOf(error)}`;
      }
      if (!ort.listSupportedBackends().some((backend) => backend.name === provider)) return `this build of ONNX Runtime has no ${provider}. ${remedy}`;
      if (provider === 'cpu') return true;
      const missing = missingLibrary(library?.[process.platform]);
      if (missing !== null) return `${missing} is not installed. ${remedy}`;
      return probe(ort, provider).then(
        () => true as const,
        (error: unknown) => `${firstLine(messageOf(error))}. ${remedy}`,
      );
    },
    async open(program, options) {
      const ort = await loadOnnxRuntime();
      return openSession(ort, program, sessionOptions(provider, options));
    },
  };
}

function missingLibrary(file: string | undefined): string | null {
  if (file === undefined) return null;
  const entry = createRequire(import.meta.url).resolve('onnxruntime-node');
  const binaries = join(dirname(dirname(entry)), 'bin', 'napi-v6', process.platform, process.arch);
  return existsSync(join(binaries, file)) ? null : file;
}

function sessionOptions(provider: Provider['provider'], { threads }: EngineOptions): InferenceSession.SessionOptions {
  return {
    executionProviders: [provider],
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    intraOpNumThreads: threads ?? cpus().length,
    interOpNumThreads: 1,
    logSeverityLevel: ERRORS_ONLY,
    // Several runs are open at once: an idle thread pool that spins takes the cores from the one at work.
    extra: { session: { force_spinning_stop: '1' } },
  };
}

async function openSession(ort: Ort, program: Program, options: InferenceSession.SessionOptions): Promise<Session> {
  const graph = program.graph();
  let session: InferenceSession;
  try {
    session = await ort.InferenceSession.create(encodeModel(graph), options);
  } catch (cause) {
    throw new GradcamError({
      code: 'engine-refused',
      what: `ONNX Runtime cannot open ${program.name}.`,
      found: firstLine(messageOf(cause)),
      hint: 'Check that the model runs by itself in ONNX Runtime; if it does, report it with the model.',
      cause,
    });
  }
  const inputs = new Set(session.inputNames);
  return {
    async run(feeds) {
      const given = Object.entries(feeds).filter(([name]) => inputs.has(name));
      const results = await session.run(Object.fromEntries(given.map(([name, tensor]) => [name, toOrt(ort, tensor)])));
      return Object.fromEntries(Object.entries(results).map(([name, value]) => [name, fromOrt(value)]));
    },
    close: () => session.release(),
  };
}

function toOrt(ort: Ort, { dtype, data, shape }: Feeds[string]): OrtTensor {
  return new ort.Tensor(dtype, data, [...shape]);
}

function fromOrt(tensor: OrtTensor): Tensor {
  if (tensor.type === 'int32') return { dtype: 'int32', shape: tensor.dims, data: tensor.data as Int32Array };
  return { dtype: 'float32', shape: tensor.dims, data: tensor.type === 'float32' ? (tensor.data as Float32Array) : Float32Array.from(tensor.data as Uint8Array) };
}

/** Opens a session of one node: a provider may be in the build and still not start on this machine. */
async function probe(ort: Ort, provider: string): Promise<void> {
  const port = (name: string) => ({ name, type: { dtype: 'float32', shape: [1] } }) as const;
  const relu = { op: 'Relu', domain: '', name: 'probe', inputs: ['x'], outputs: ['y'], attributes: {} };
  const graph = { opset: 18, domains: {}, inputs: [port('x')], outputs: [port('y')], nodes: [relu], constants: new Map(), types: new Map() };
  const session = await ort.InferenceSession.create(encodeModel(graph), { executionProviders: [provider], logSeverityLevel: ERRORS_ONLY });
  try {
    await session.run({ x: new ort.Tensor('float32', Float32Array.of(1), [1]) });
  } finally {
    await session.release();
  }
}

const firstLine = (text: string): string => text.split('\n')[0]!.trim().replace(/\.$/, '');
