// Model + layer + methods + target -> programs that engines run. The head of the graph is kept verbatim; the tail is
// replayed under tf.grad: recorded by the tracer for compiling engines, computed at once for eager ones.
import { GradcamError } from '../lib/errors.ts';
import type { CamMethod } from '../cam/method.ts';
import type { Target } from '../cam/target.ts';
import type { Feeds, Program, Tensor } from './feeds.ts';
import { cutGraph, prune, type GraphCut } from '../graph/cut.ts';
import { meanOfLinear } from '../graph/passes/mean-of-linear.ts';
import type { Constant, Graph, Node, Port, TensorType } from '../graph/graph.ts';
import { constantOf } from '../graph/tensor.ts';
import type { Layer, ModelInput, ModelOutput } from '../model/model.ts';
import { replay } from '../replay/replay.ts';
import { tf } from '../tf/tfjs.ts';
import { trace } from '../trace/tracer.ts';
import { explainTail } from './tail.ts';

/** The input that says which class is explained, int32 `[batch]`; -1 means the model's own top class. */
export const CLASS_INDEX = 'class_index';
/** The output with the logits, float32 `[batch, classes]`. The prefix keeps clear of names in the model's file. */
export const LOGITS = 'gradcam/logits';
/** The output with a method's map, float32 `[batch, height, width]`. */
export const mapName = (method: string): string => `gradcam/map/${method}`;

export interface CamRequest {
  /** For messages. */
  readonly model: string;
  /** Forward graph of one static shape, with the types of every value that the tail reads. */
  readonly graph: Graph;
  readonly input: ModelInput;
  readonly output: ModelOutput;
  readonly layer: Layer;
  readonly methods: readonly CamMethod[];
  readonly target: Target;
  readonly batch: number;
}

export interface CamPrograms {
  /** Name of the image input: float32 in the model's layout. */
  readonly image: string;
  /** image, class_index -> logits, maps. */
  readonly whole: Program;
  /** image -> logits and everything that `tail` takes: for classes that are only known once every run has voted. */
  readonly head: Program;
  /** Values of the head, class_index -> logits, maps. */
  readonly tail: Program;
}

/**
 * Programs that compute the maps of a request. Nothing is traced before an engine asks for a graph.
 * Throws GradcamError `layer-without-influence` where the logits do not depend on the layer.
 */
export function camPrograms(request: CamRequest): CamPrograms {
  const { graph, layer, output, input, batch, model } = request;
  const cut = cutGraph(graph, [layer.value], [output.logits]);
  if (cut.tail.length === 0) throw withoutInfluence(request);
  const image: Port = {
    name: input.dtype === 'float32' ? input.name : `gradcam/${input.name}`,
    type: { dtype: 'float32', shape: typeOf(request, input.name).shape },
  };
  const classIndex: Port = { name: CLASS_INDEX, type: { dtype: 'int32', shape: [batch] } };
  const frontier = cut.frontier.map((value) => narrow(request, value));
  let recorded: Graph | undefined;
  const tailGraph = (): Graph => (recorded ??= recordTail(request, cut, frontier, classIndex));
  const intoModel = image.name === input.name ? [] : [cast(image.name, input.name, input.dtype)];

  return {
    image: image.name,
    whole: {
      name: `${model}: maps`,
      graph() {
        const traced = tailGraph();
        const head = prune(graph, cut.frontier);
        return join(
          graph,
          [image, classIndex],
          traced.outputs,
          [...intoModel, ...head.nodes, ...frontier.flatMap((value) => value.nodes), ...traced.nodes],
          [head, traced],
        );
      },
      compute: (feeds) =>
        computed(() =>
          tailOutputs(
            request,
            cut,
            headValues(request, cut, tensorOf(feeds, image.name)),
            tensorOf(feeds, CLASS_INDEX),
          ),
        ),
    },
    head: {
      name: `${model}: forward`,
      graph() {
        const head = prune(graph, [output.logits, ...cut.frontier]);
        const scores = scoresOf(request);
        const nodes = [...intoModel, ...head.nodes, ...frontier.flatMap((value) => value.nodes), ...scores.nodes];
        const values = frontier.map((value) => value.port).filter((port) => port.name !== image.name);
        return join(
          graph,
          [image],
          [{ name: LOGITS, type: { dtype: 'float32', shape: [batch, output.classes] } }, ...values],
          nodes,
          [head, scores],
        );
      },
      compute: (feeds) =>
        computed(() => {
          const values = headValues(request, cut, tensorOf(feeds, image.name), [output.logits]);
          const outputs = Object.fromEntries(
            cut.frontier.map((value, index) => [frontier[index]!.port.name, values.get(value)!]),
          );
          return { ...outputs, [LOGITS]: tf.reshape(values.get(output.logits)!, [batch, output.classes]) };
        }),
    },
    tail: {
      name: `${model}: tail`,
      graph: tailGraph,
      compute: (feeds) =>
        computed(() => {
          const values = new Map(
            frontier.map((value, index) => [cut.frontier[index]!, widened(tensorOf(feeds, value.port.name), value)]),
          );
          return tailOutputs(request, cut, values, tensorOf(feeds, CLASS_INDEX));
        }),
    },
  };
}

function tailOutputs(
  request: CamRequest,
  cut: GraphCut,
  values: ReadonlyMap<string, tf.Tensor>,
  classIndex: tf.Tensor,
): Record<string, tf.Tensor> {
  const { graph, layer, output, methods, target } = request;
  const { logits, maps } = explainTail({
    layer,
    value: values.get(layer.value)!,
    classes: output.classes,
    classIndex: classIndex as tf.Tensor1D,
    methods,
    target,
    tail: (value) =>
      replay(graph, cut.tail, new Map([...values, [layer.value, value]]), [output.logits]).get(output.logits)!,
  });
  return { [LOGITS]: logits, ...Object.fromEntries(maps.map(({ method, map }) => [mapName(method), map])) };
}

function recordTail(request: CamRequest, cut: GraphCut, frontier: readonly Narrowed[], classIndex: Port): Graph {
  const recorded = trace((tracer) => {
    const values = new Map(
      frontier.map((value, index) => [
        cut.frontier[index]!,
        widened(tracer.input(value.port.name, known(value.port.type)), value),
      ]),
    );
    return tailOutputs(request, cut, values, tracer.input(classIndex.name, known(classIndex.type)));
  });
  return meanOfLinear(recorded);
}

/** What the tail reads, computed on the current backend from the image. */
function headValues(
  request: CamRequest,
  cut: GraphCut,
  image: tf.Tensor,
  more: readonly string[] = [],
): Map<string, tf.Tensor> {
  const wanted = [...cut.frontier, ...more];
  const head = prune(request.graph, wanted);
  return replay(request.graph, head.nodes, new Map([[request.input.name, image]]), wanted);
}

/** Runs eager tensors to arrays and frees them. */
async function computed(build: () => Record<string, tf.Tensor>): Promise<Record<string, Tensor>> {
  const tensors = tf.tidy(build);
  const entries = await Promise.all(
    Object.entries(tensors).map(async ([name, tensor]) => {
      const data = await tensor.data();
      const dtype = tensor.dtype === 'int32' ? 'int32' : 'float32';
      return [
        name,
        { dtype, shape: tensor.shape, data: dtype === 'int32' ? Int32Array.from(data) : Float32Array.from(data) },
      ] as const;
    }),
  );
  tf.dispose(tensors);
  return Object.fromEntries(entries);
}

function tensorOf(feeds: Feeds, name: string): tf.Tensor {
  const { data, shape, dtype } = feeds[name]!;
  return tf.tensor(data, [...shape], dtype);
}

/** A value of the head in a type that passes between programs: halves and doubles as float32, integers and truths as int32. */
interface Narrowed {
  readonly port: Port;
  readonly nodes: readonly Node[];
  /** Whether the tail reads truth values. */
  readonly truth: boolean;
}

/** The value as the tail reads it. */
const widened = (tensor: tf.Tensor, { truth }: Narrowed): tf.Tensor => (truth ? tf.cast(tensor, 'bool') : tensor);

function narrow(request: CamRequest, value: string): Narrowed {
  const { dtype, shape } = typeOf(request, value);
  if (dtype === 'float32' || dtype === 'int32')
    return { port: { name: value, type: { dtype, shape } }, nodes: [], truth: false };
  const to = /float/.test(dtype) ? 'float32' : 'int32';
  const name = `gradcam/${to}/${value}`;
  return { port: { name, type: { dtype: to, shape } }, nodes: [cast(value, name, to)], truth: dtype === 'bool' };
}

/** Nodes from the model's logits to `[batch, classes]` in float32. */
function scoresOf({ output, batch }: CamRequest): { nodes: readonly Node[]; constants: ReadonlyMap<string, Constant> } {
  const [wide, shape] = ['gradcam/float32/logits', 'gradcam/logits/shape'];
  const nodes = [cast(output.logits, wide, 'float32'), node('Reshape', [wide, shape], [LOGITS])];
  return { nodes, constants: new Map([[shape, constantOf('int64', [2], [batch, output.classes])]]) };
}

const ONNX_TYPE = { float32: 1, uint8: 2, int32: 6, bool: 9, float16: 10, float64: 11 } as const;

function cast(from: string, to: string, dtype: keyof typeof ONNX_TYPE): Node {
  return { ...node('Cast', [from], [to]), attributes: { to: { kind: 'int', value: ONNX_TYPE[dtype] } } };
}

function node(op: string, inputs: readonly string[], outputs: readonly string[]): Node {
  return { op, domain: '', name: `gradcam/${op}/${outputs[0]!}`, inputs, outputs, attributes: {} };
}

function join(
  model: Graph,
  inputs: readonly Port[],
  outputs: readonly Port[],
  nodes: readonly Node[],
  parts: readonly { constants: ReadonlyMap<string, Constant> }[],
): Graph {
  const constants = new Map(parts.flatMap((part) => [...part.constants]));
  return { ...model, inputs, outputs, nodes, constants, types: new Map() };
}

function typeOf(request: CamRequest, value: string): TensorType {
  const type = request.graph.types.get(value) ?? request.graph.inputs.find((port) => port.name === value)?.type;
  if (type?.shape?.every((dim) => dim !== null)) return type;
  throw new GradcamError({
    code: 'unknown-type',
    exitCode: 2,
    what: `The shape of "${value}" in ${request.model} is not known.`,
    expected: 'a static shape for everything that the layers after the target layer read',
    found: type === undefined ? 'no type' : `${type.dtype}[${type.shape?.map((dim) => dim ?? '?').join(', ') ?? '?'}]`,
    hint: 'Take a layer closer to the head, and report this model.',
  });
}

const known = ({ dtype, shape }: TensorType): { dtype: 'float32' | 'int32' | 'bool'; shape: number[] } => ({
  dtype: dtype as 'float32' | 'int32' | 'bool',
  shape: [...(shape as readonly number[])],
});

function withoutInfluence({ model, layer, output }: CamRequest): GradcamError {
  return new GradcamError({
    code: 'layer-without-influence',
    what: `The logits of ${model} do not depend on the layer "${layer.name}".`,
    expected: `a layer on the way from the image to "${output.logits}"`,
    hint: `gradcam layers ${model} lists them.`,
  });
}
