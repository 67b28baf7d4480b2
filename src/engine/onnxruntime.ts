// Sessions of ONNX Runtime, the same for every execution provider.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import type { Graph } from '../graph/graph.ts';
import { blocked, mayGainByBlocks } from '../graph/passes/blocked/blocked.ts';
import { byTaps } from '../graph/passes/taps.ts';
import { messageOf } from '../lib/errors.ts';
import { encodeModel } from '../onnx/encode.ts';
import { blockSize } from './block-size.ts';
import type { Engine, EngineOptions } from './engine.ts';
import { loadOnnxRuntime, type Ort } from './ort.ts';
import { gainsByPacking } from './packing.ts';
import { reasonOf } from './reason.ts';
import { openSession, type SettledGraph } from './session.ts';
import { loadProblem } from './shared-library.ts';
import { forWebGpu } from './webgpu.ts';
import type { InferenceSession } from 'onnxruntime-node';

/** Nothing on stderr: what fails is thrown. */
const NOTHING = 4;

export interface Provider {
  readonly id: string;
  readonly title: string;
  readonly priority: number | null;
  /** Name of the execution provider in ONNX Runtime. */
  readonly provider: 'cpu' | 'webgpu' | 'cuda' | 'tensorrt' | 'coreml' | 'dml';
  /** Libraries beside ONNX Runtime's own that bring the provider, by platform, the last one by itself loading all it needs. */
  readonly libraries?: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>>;
  /** What brings them. */
  readonly install?: string;
  /** Library of the system that the provider loads, by platform. */
  readonly system?: Readonly<Partial<Record<NodeJS.Platform, string>>>;
  /** Set, where it is not, before the provider is first loaded: names and values of environment variables. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What to do where the provider does not start. */
  readonly remedy: string;
}

/** An engine that runs compiled graphs on one of ONNX Runtime's execution providers. */
export function onnxRuntimeEngine(spec: Provider): Engine {
  const { id, title, priority, provider, environment = {} } = spec;
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
        return `this build of ONNX Runtime has no ${provider}. ${spec.remedy}`;
      if (provider === 'cpu') return true;
      const missing = missingLibrary(spec);
      if (missing !== null) return missing;
      prepareEnvironment(environment);
      return probe(ort, provider).then(
        () => true as const,
        (error: unknown) => `${libraryProblem(spec) ?? reasonOf(messageOf(error))}. ${spec.remedy}`,
      );
    },
    open(program, options) {
      prepareEnvironment(environment);
      return openSession(program, {
        threaded: provider === 'cpu' && options.besideOthers === true,
        onRun: options.onRun,
        waiting: options.waiting,
        settled: (graph) => settled(graph, provider, options),
      });
    },
  };
}

/** Libraries read these when they are loaded; what the user has set counts. */
function prepareEnvironment(environment: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(environment)) process.env[name] ??= value;
}

/** The graph as the provider likes it, and the options that go with it. */
async function settled(graph: Graph, provider: Provider['provider'], options: EngineOptions): Promise<SettledGraph> {
  if (provider === 'cpu')
    return { graph: await inBlocks(graph, options.pictures), options: cpuSessionOptions(graph, options) };
  const tapped = byTaps(graph);
  if (provider !== 'webgpu') return { graph: tapped, options: sessionOptions(provider, options) };
  const fitted = forWebGpu(tapped);
  return { graph: fitted.graph, options: sessionOptions(fitted.provider, options) };
}

async function inBlocks(graph: Graph, pictures: number | undefined): Promise<Graph> {
  const block = mayGainByBlocks(graph) ? await blockSize() : null;
  return block === null ? graph : blocked(graph, block, pictures);
}

/** What is not there, with the way to bring it, as far as it can be told without ONNX Runtime. */
function missingLibrary({ libraries, install, system, remedy }: Provider): string | null {
  const file = libraries?.[process.platform]?.find((library) => !existsSync(besideOnnxRuntime(library)));
  if (file !== undefined) return `${file} is not installed. ${install ?? remedy}`;
  const needed = system?.[process.platform];
  const problem = needed === undefined ? null : loadProblem(needed);
  return problem === null ? null : `${problem}. ${remedy}`;
}

/** What the provider's own library lacks: ONNX Runtime says of it only that it did not load. */
function libraryProblem({ libraries }: Provider): string | null {
  const library = libraries?.[process.platform]?.at(-1);
  return library === undefined ? null : loadProblem(besideOnnxRuntime(library));
}

function besideOnnxRuntime(file: string): string {
  const entry = createRequire(import.meta.url).resolve('onnxruntime-node');
  return join(dirname(dirname(entry)), 'bin', 'napi-v6', process.platform, process.arch, file);
}

/** Options of a session that runs the graph on the cpu. */
export function cpuSessionOptions(graph: Graph, options: EngineOptions): InferenceSession.SessionOptions {
  const common = sessionOptions('cpu', options);
  const session = gainsByPacking(graph, options.pictures) ? {} : { disable_prepacking: '1' };
  // Where shapes are known, as here, it makes a Gemm of every product and its bias, which the cpu computes more slowly,
  // and which is not fused with the activation after it: a tenth of ConvNeXt's and Swin's time.
  const optimization = { disable_specified_optimizers: 'MatMulAddFusion' };
  return { ...common, extra: { session: { ...SESSION, ...session }, optimization } };
}

/** Several runs are open at once: an idle thread pool that spins takes the cores from the one at work. */
const SESSION = { force_spinning_stop: '1' };

function sessionOptions(
  provider: InferenceSession.ExecutionProviderConfig,
  { threads, training }: EngineOptions,
): InferenceSession.SessionOptions {
  return {
    executionProviders: [provider],
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    intraOpNumThreads: threads ?? cpus().length,
    interOpNumThreads: 1,
    logSeverityLevel: NOTHING,
    // To plan the memory of a step of training takes seconds at its second run, and later runs are no faster.
    enableMemPattern: training !== true,
    extra: { session: SESSION },
  };
}

/** Runs a convolution: a provider may be in the build and not start on this machine, or start and lack what it convolves with. */
async function probe(ort: Ort, provider: string): Promise<void> {
  const port = (name: string) => ({ name, type: { dtype: 'float32', shape: [1, 1, 1, 1] } }) as const;
  const conv = { op: 'Conv', domain: '', name: 'probe', inputs: ['x', 'w'], outputs: ['y'], attributes: {} };
  const graph = {
    opset: 18,
    domains: {},
    inputs: [port('x'), port('w')],
    outputs: [port('y')],
    nodes: [conv],
    constants: new Map(),
    types: new Map(),
  };
  const session = await ort.InferenceSession.create(encodeModel(graph), {
    executionProviders: [provider],
    logSeverityLevel: NOTHING,
  });
  try {
    const one = new ort.Tensor('float32', Float32Array.of(1), [1, 1, 1, 1]);
    await session.run({ x: one, w: one });
  } finally {
    await session.release();
  }
}
