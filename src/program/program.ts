// Model + layer + methods + target -> programs that engines run. The head of the graph is kept verbatim; the tail is
// replayed under tf.grad: recorded by the tracer for compiling engines, computed at once for eager ones.
import { GradcamError } from '../lib/errors.ts';
import type { TokenGrid } from '../cam/method.ts';
import type { Target } from '../cam/target.ts';
import type { Program } from './feeds.ts';
import { cutGraph, prune, type GraphCut } from '../graph/cut.ts';
import { directOutputs } from '../graph/passes/direct-outputs.ts';
import { meanOfLinear } from '../graph/passes/mean-of-linear.ts';
import { oneHotRows } from '../graph/passes/one-hot-rows.ts';
import type { Graph, Node, Port } from '../graph/graph.ts';
import type { Layer, ModelInput, ModelOutput } from '../model/model.ts';
import { replay } from '../replay/replay.ts';
import { tf } from '../tf/tfjs.ts';
import { trace } from '../trace/tracer.ts';
import { guidedRectifiers } from './guided.ts';
import {
  cast,
  computed,
  join,
  known,
  LOGITS,
  narrow,
  scoresOf,
  tensorOf,
  typeOf,
  widened,
  type Narrowed,
} from './pieces.ts';
import { explainTail, type TailReader } from './tail.ts';
import { attentionTaps, biasTaps, probe, tapped, type TapKind, type TapPlace } from './taps.ts';

export { LOGITS } from './pieces.ts';

/** The input that says which class is explained, int32 `[batch]`; -1 means the model's own top class. */
export const CLASS_INDEX = 'class_index';
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
  /** What is read off the tail: methods, or other functions of the same form with any shape of result. */
  readonly methods: readonly TailReader[];
  readonly target: Target;
  /** Values of the tail that methods look at. */
  readonly taps?: TapKind | undefined;
  /** The tail's ReLUs let only positive gradients back. */
  readonly guided?: boolean | undefined;
  /** The model's tokens, where attention is looked at. */
  readonly tokens?: TokenGrid | undefined;
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
  /** image -> logits, and nothing else. */
  readonly forward: Program;
}

/**
 * Programs that compute the maps of a request. Nothing is traced before an engine asks for a graph.
 * Throws GradcamError: `layer-without-influence` where the logits do not depend on the layer; when they are traced or
 * computed, `no-global-attention` and `no-rectifiers` where there is nothing to tap or to guide.
 */
export function camPrograms(request: CamRequest): CamPrograms {
  const { graph, layer, output, input, batch, model } = request;
  const cut = cutGraph(graph, [layer.value], [output.logits]);
  if (cut.tail.length === 0) throw withoutInfluence(request);
  const image: Port = {
    name: input.dtype === 'float32' ? input.name : `gradcam/${input.name}`,
    type: { dtype: 'float32', shape: typeOf(graph, model, input.name).shape },
  };
  const classIndex: Port = { name: CLASS_INDEX, type: { dtype: 'int32', shape: [batch] } };
  const frontier = cut.frontier.map((value) => narrow(graph, model, value));
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
            headValues(request, cut.frontier, tensorOf(feeds, image.name)),
            tensorOf(feeds, CLASS_INDEX),
          ),
        ),
    },
    head: headProgram({ request, image, intoModel, frontier, values: cut.frontier }),
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
    forward: headProgram({ request, image, intoModel, frontier: [], values: [] }),
  };
}

/** image -> logits and these values of the graph, each in the type that its `frontier` entry says. */
function headProgram({
  request,
  image,
  intoModel,
  frontier,
  values,
}: {
  readonly request: CamRequest;
  readonly image: Port;
  readonly intoModel: readonly Node[];
  readonly frontier: readonly Narrowed[];
  readonly values: readonly string[];
}): Program {
  const { graph, output, batch, model } = request;
  return {
    name: `${model}: forward`,
    graph() {
      const head = prune(graph, [output.logits, ...values]);
      const scores = scoresOf(output, batch);
      const nodes = [...intoModel, ...head.nodes, ...frontier.flatMap((value) => value.nodes), ...scores.nodes];
      const ports = frontier.map((value) => value.port).filter((port) => port.name !== image.name);
      const logits: Port = { name: LOGITS, type: { dtype: 'float32', shape: [batch, output.classes] } };
      return join(graph, [image], [logits, ...ports], nodes, [head, scores]);
    },
    compute: (feeds) =>
      computed(() => {
        const found = headValues(request, values, tensorOf(feeds, image.name), [output.logits]);
        const outputs = Object.fromEntries(
          values.map((value, index) => [frontier[index]!.port.name, found.get(value)!]),
        );
        return { ...outputs, [LOGITS]: tf.reshape(found.get(output.logits)!, [batch, output.classes]) };
      }),
  };
}

function tailOutputs(
  request: CamRequest,
  cut: GraphCut,
  values: ReadonlyMap<string, tf.Tensor>,
  classIndex: tf.Tensor,
): Record<string, tf.Tensor> {
  const { graph, layer, output, methods, target } = request;
  const taps = tapsOf(request, cut);
  const nodes = tapped(cut.tail, taps);
  const instead = request.guided === true ? guidedRectifiers(graph, cut.tail, request.model) : undefined;
  const { logits, maps } = explainTail({
    layer,
    value: values.get(layer.value)!,
    classes: output.classes,
    classIndex: classIndex as tf.Tensor1D,
    methods,
    target,
    taps,
    tokens: request.tokens ?? null,
    tail(value, probes) {
      const fed = taps.map((place, index) => [probe(place.value), probes[index]!] as const);
      const wanted = [output.logits, ...taps.map((place) => place.value)];
      const found = replay(graph, nodes, new Map([...values, ...fed, [layer.value, value]]), wanted, instead);
      return { logits: found.get(output.logits)!, values: taps.map((place) => found.get(place.value)!) };
    },
  });
  return { [LOGITS]: logits, ...Object.fromEntries(maps.map(({ method, map }) => [mapName(method), map])) };
}

function tapsOf({ graph, taps, tokens, model }: CamRequest, cut: GraphCut): TapPlace[] {
  if (taps === undefined) return [];
  return taps === 'biases' ? biasTaps(graph, cut) : attentionTaps(graph, cut, tokens, model);
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
  return directOutputs(oneHotRows(meanOfLinear(recorded)));
}

/** What the tail reads, computed on the current backend from the image. */
function headValues(
  request: CamRequest,
  frontier: readonly string[],
  image: tf.Tensor,
  more: readonly string[] = [],
): Map<string, tf.Tensor> {
  const wanted = [...frontier, ...more];
  const head = prune(request.graph, wanted);
  return replay(request.graph, head.nodes, new Map([[request.input.name, image]]), wanted);
}

function withoutInfluence({ model, layer, output }: CamRequest): GradcamError {
  return new GradcamError({
    code: 'layer-without-influence',
    what: `The logits of ${model} do not depend on the layer "${layer.name}".`,
    expected: `a layer on the way from the image to "${output.logits}"`,
    hint: `gradcam layers ${model} lists them.`,
  });
}
