// Sessions of ONNX Runtime, the same for every execution provider.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import type { Graph } from '../graph/graph.ts';
import { blocked, hasLearntGroups } from '../graph/passes/blocked/blocked.ts';
import { messageOf } from '../lib/errors.ts';
import { encodeModel } from '../onnx/encode.ts';
import { blockSize } from './block-size.ts';
import type { Engine, EngineOptions } from './engine.ts';
import { loadOnnxRuntime, type Ort } from './ort.ts';
import { openSession } from './session.ts';
import type { InferenceSession } from 'onnxruntime-node';

const ERRORS_ONLY = 3;

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
      if (!ort.listSupportedBackends().some((backend) => backend.name === provider))
        return `this build of ONNX Runtime has no ${provider}. ${remedy}`;
      if (provider === 'cpu') return true;
      const missing = missingLibrary(library?.[process.platform]);
      if (missing !== null) return `${missing} is not installed. ${remedy}`;
      return probe(ort, provider).then(
        () => true as const,
        (error: unknown) => `${firstLine(messageOf(error))}. ${remedy}`,
      );
    },
    open: (program, options) =>
      openSession(program, sessionOptions(provider, options), {
        threaded: provider === 'cpu' && options.besideOthers === true,
        onRun: options.onRun,
        waiting: options.waiting,
        laidOut: (graph) => (provider === 'cpu' ? inBlocks(graph) : Promise.resolve(graph)),
      }),
  };
}

async function inBlocks(graph: Graph): Promise<Graph> {
  const block = hasLearntGroups(graph) ? await blockSize() : null;
  return block === null ? graph : blocked(graph, block);
}

function missingLibrary(file: string | undefined): string | null {
  if (file === undefined) return null;
  const entry = createRequire(import.meta.url).resolve('onnxruntime-node');
  const binaries = join(dirname(dirname(entry)), 'bin', 'napi-v6', process.platform, process.arch);
  return existsSync(join(binaries, file)) ? null : file;
}

function sessionOptions(
  provider: Provider['provider'],
  { threads, training }: EngineOptions,
): InferenceSession.SessionOptions {
  return {
    executionProviders: [provider],
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    intraOpNumThreads: threads ?? cpus().length,
    interOpNumThreads: 1,
    logSeverityLevel: ERRORS_ONLY,
    // To plan the memory of a step of training takes seconds at its second run, and later runs are no faster.
    enableMemPattern: training !== true,
    // Several runs are open at once: an idle thread pool that spins takes the cores from the one at work.
    extra: { session: { force_spinning_stop: '1' } },
  };
}

/** Opens a session of one node: a provider may be in the build and still not start on this machine. */
async function probe(ort: Ort, provider: string): Promise<void> {
  const port = (name: string) => ({ name, type: { dtype: 'float32', shape: [1] } }) as const;
  const relu = { op: 'Relu', domain: '', name: 'probe', inputs: ['x'], outputs: ['y'], attributes: {} };
  const graph = {
    opset: 18,
    domains: {},
    inputs: [port('x')],
    outputs: [port('y')],
    nodes: [relu],
    constants: new Map(),
    types: new Map(),
  };
  const session = await ort.InferenceSession.create(encodeModel(graph), {
    executionProviders: [provider],
    logSeverityLevel: ERRORS_ONLY,
  });
  try {
    await session.run({ x: new ort.Tensor('float32', Float32Array.of(1), [1]) });
  } finally {
    await session.release();
  }
}

/** The first sentence of what a library says, without the place in its source. */
const firstLine = (text: string): string =>
  text
    .split('\n')[0]!
    .replace(/^\/\S+:\d+ .*?was false\. /, '')
    .trim()
    .replace(/\.$/, '');
