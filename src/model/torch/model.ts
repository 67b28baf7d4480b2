// Tensors of a checkpoint become a Model: recognised, checked name by name against the network that is built from them, and
// only then read. The graph is built anew for every shape, around the same constants.
import type { Constant, Graph } from '../../graph/graph.ts';
import { inferTypes } from '../../graph/infer.ts';
import { GradcamError } from '../../lib/errors.ts';
import type { ModelSource } from '../format.ts';
import type { InputShape, Model } from '../model.ts';
import type { FileReader } from '../reader.ts';
import { USUAL_SIZE } from './architecture.ts';
import { Network, type Hints, type WeightProblem } from './network.ts';
import { EXPORT_HINT, recognise, weightsOf, type Recognised } from './recognise.ts';
import type { StateDict } from './state-dict.ts';
import { readTensors, type TensorFile } from './tensor-file.ts';
import { Weights } from './weights.ts';

const INPUT = 'input';
const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

export interface TorchFile {
  readonly file: FileReader;
  readonly stateDict: StateDict;
  readonly placeOf: TensorFile['placeOf'];
}

/** The Model of the weights in an open file. Throws GradcamError `unknown-architecture`, `weights-do-not-fit`. */
export async function createTorchModel(
  { file, stateDict, placeOf }: TorchFile,
  source: ModelSource,
  format: string,
): Promise<Model> {
  const { run, path } = source;
  const recognised = recognise(stateDict.tensors, path, run.architecture);
  const { family, variant, tensors } = recognised;
  const hints = hintsOf(run.raw, path);
  const shapes = weightsOf(tensors);
  const channels = shapes.shapeOf(family.marks[0]!)?.[1] ?? 3;
  if (channels !== 1 && channels !== 3) throw notAnImage(path, channels);
  const fixed = family.inputSize?.(shapes) ?? null;
  const known = variant === null ? undefined : family.variants[variant];
  const usual = known?.size ?? USUAL_SIZE;
  const size = fixed ?? ([usual, usual] as const);

  const build = (weights: Weights, shape: InputShape): { net: Network; graph: Graph } => {
    const net = new Network(weights, hints);
    const logits = family.build(net, net.input(INPUT, [shape.batch, channels, ...shape.size]), variant);
    return { net, graph: net.finish(logits) };
  };
  // Without bytes first: what is missing, of another shape or not needed is known before anything is read.
  const { net, graph: outline } = build(shapes, { batch: 1, size });
  requireFit(net, recognised, path);
  const needed = new Map([...net.used].map((name) => [name, tensors.get(name)!]));
  const constants: ReadonlyMap<string, Constant> = await readTensors(file, { tensors, placeOf }, needed);
  const weights = new Weights(new Map([...constants].map(([name, { shape }]) => [name, shape])), constants);

  let last: { key: string; graph: Graph } | undefined;
  const classes = stateDict.classes?.length === outline.outputs[0]!.type.shape?.[1] ? stateDict.classes : null;
  return {
    path,
    format,
    files: [source.file],
    input: { name: INPUT, layout: 'nchw', batch: null, size: fixed, channels, dtype: 'float32' },
    forward(shape) {
      const key = [shape.batch, ...shape.size].join();
      if (last?.key !== key) last = { key, graph: inferTypes(build(weights, shape).graph) };
      return last.graph;
    },
    layerNames: new Map(),
    preprocessing: {
      spec: { ...(family.preprocessing?.spec ?? IMAGENET), ...known?.input, ...(fixed === null ? { size } : {}) },
      why:
        family.preprocessing?.why ??
        `as ${family.library ?? 'torchvision'} prepares them for ${variant ?? `a ${family.title}`}; say otherwise in run.json`,
    },
    ...(classes === null ? {} : { classes }),
    assumed: [...stateDict.assumed, ...recognised.assumed, ...net.assumed],
  };
}

function hintsOf({ heads, classifier, outputStride }: Readonly<Record<string, unknown>>, path: string): Hints {
  if (outputStride !== undefined && outputStride !== 8 && outputStride !== 16 && outputStride !== 32) {
    throw new GradcamError({
      code: 'bad-run-json',
      what: `run.json of ${path}: the field "outputStride" is wrong`,
      expected: '8, 16 or 32',
      found: JSON.stringify(outputStride),
    });
  }
  return {
    ...(outputStride === undefined ? {} : { outputStride }),
    ...(typeof heads === 'number' ? { heads } : {}),
    ...(classifier === 'linear' || classifier === 'cosine' ? { classifier } : {}),
  };
}

/** Throws where weights are missing, of another shape, or not part of the network. */
function requireFit(net: Network, { family, variant, tensors }: Recognised, path: string): void {
  const { used, problems } = net;
  const unexpected = [...tensors.keys()].filter((name) => !used.has(name) && !(family.ignored?.test(name) ?? false));
  if (problems.length === 0 && unexpected.length === 0) return;
  const missing = problems.filter(({ found }) => found === null);
  const wrong = problems.filter(({ found }) => found !== null);
  const library = family.library ?? 'torchvision';
  const lines = [
    listed(
      'missing',
      missing.map(({ name, expected }) => `${name} ${shown(expected)}`),
    ),
    listed(
      'of another shape',
      wrong.map(({ name, expected, found }) => `${name} ${shown(found!)} instead of ${shown(expected)}`),
    ),
    listed('not part of it', unexpected),
  ];
  throw new GradcamError({
    code: 'weights-do-not-fit',
    what: `The weights in ${path} are not those of ${variant === null ? `a ${family.title}` : variant} as ${library} has it.`,
    expected: expectedOf(missing, wrong),
    found: lines.filter((line) => line !== null).join('; '),
    hint: `If the network was changed, ${EXPORT_HINT}. If it is another one, name it in run.json ("architecture": "resnet50").`,
  });
}

function expectedOf(missing: readonly WeightProblem[], wrong: readonly WeightProblem[]): string {
  const [first] = [...missing, ...wrong];
  return first === undefined ? 'no weights but those of the network' : `${first.name} ${shown(first.expected)}`;
}

const LISTED = 4;

function listed(what: string, names: readonly string[]): string | null {
  if (names.length === 0) return null;
  const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : '';
  return `${what}: ${names.slice(0, LISTED).join(', ')}${more}`;
}

const shown = (shape: readonly (number | null)[]): string => `[${shape.map((dim) => dim ?? '?').join(', ')}]`;

function notAnImage(path: string, channels: number): GradcamError {
  return new GradcamError({
    code: 'no-image-input',
    what: `The network in ${path} does not take pictures.`,
    expected: '1 or 3 channels',
    found: `${channels} channels in its first convolution`,
    hint: 'gradcam explains classifiers of grey or colour pictures.',
  });
}
