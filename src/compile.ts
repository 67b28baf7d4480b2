// `gradcam compile`: forward pass, gradient and map as one ONNX file for any ONNX Runtime.
import { isManyPass, type MapMethod } from './cam/method.ts';
import { methods, type MethodId } from './cam/methods.ts';
import { classLogit } from './cam/targets/class-logit.ts';
import type { Graph, Node } from './graph/graph.ts';
import type { InputSpec, PrepareSpec } from './image/picture.ts';
import { saveModel } from './onnx/save.ts';
import { GradcamError } from './lib/errors.ts';
import { settleMethods } from './mapper.ts';
import { CLASS_INDEX, LOGITS, camPrograms, mapName } from './program/program.ts';
import { inputLayer, tokenGrid } from './program/sites.ts';
import { chooseLayer, prepareModel } from './runs.ts';

/** Defaults: the layer of run.json, else `auto`; `gradcam`; a batch of 1. */
export interface CompileOptions {
  readonly out: string;
  readonly layer?: string | undefined;
  readonly method?: MethodId | undefined;
  readonly batch?: number | undefined;
  readonly output?: string | undefined;
  /** What is said of the input besides run.json. */
  readonly input?: Partial<InputSpec> | undefined;
}

/** The file that was written: its inputs and outputs by name, type and shape (null: any size). */
export interface Compiled {
  readonly file: string;
  readonly layer: { readonly name: string; readonly shape: readonly [number, number, number] };
  readonly method: string;
  readonly inputs: readonly {
    readonly name: string;
    readonly dtype: string;
    readonly shape: readonly (number | null)[];
  }[];
  readonly outputs: readonly {
    readonly name: string;
    readonly dtype: string;
    readonly shape: readonly (number | null)[];
  }[];
  /** How pictures become the first input. */
  readonly prepare: PrepareSpec;
  readonly assumed: readonly string[];
}

/**
 * Writes the traced graph of a model: inputs are the image and `class_index` (int32 `[batch]`, -1: the model's own top
 * class), outputs `logits` `[batch, classes]` and `heatmap` `[batch, height, width]`. Throws GradcamError.
 */
export async function compileModel(path: string, options: CompileOptions): Promise<Compiled> {
  const prepared = await prepareModel(path, { ...options, batch: options.batch ?? 1 });
  const { layer, why } = chooseLayer(prepared, options.layer);
  const { model, graph, output, batch, prepare } = prepared;
  const asked = methods[options.method ?? 'gradcam'];
  const [method] = settleMethods({ prepared, layer, methods: [asked], target: classLogit });
  if (method === undefined || isManyPass(method)) throw manyPasses(asked);
  const { whole } = camPrograms({
    model: path,
    graph,
    input: model.input,
    output,
    layer: (method.at ?? 'layer') === 'layer' ? layer : inputLayer(graph, model.input, path),
    methods: [method],
    taps: method.taps,
    guided: method.guided,
    tokens: tokenGrid(prepared.layers),
    target: classLogit,
    batch,
  });
  const named = renamed(whole.graph(), { [LOGITS]: 'logits', [mapName(method.id)]: 'heatmap' });
  await saveModel(named, options.out, {
    metadata: {
      'gradcam.model': path,
      'gradcam.layer': layer.name,
      'gradcam.method': method.id,
      'gradcam.input': JSON.stringify(prepare),
      ...(prepared.run.classes === undefined ? {} : { 'gradcam.classes': JSON.stringify(prepared.run.classes) }),
    },
  });
  const ports = (list: Graph['inputs']): Compiled['inputs'] =>
    list.map(({ name, type }) => ({ name, dtype: type.dtype, shape: type.shape ?? [] }));
  return {
    file: options.out,
    layer: { name: layer.name, shape: layer.shape },
    method: method.id,
    inputs: ports(
      named.inputs
        .filter((port) => port.name !== CLASS_INDEX)
        .concat(named.inputs.filter((port) => port.name === CLASS_INDEX)),
    ),
    outputs: ports(named.outputs),
    prepare,
    assumed: [...prepared.assumed, `Layer ${layer.name}: ${why}.`],
  };
}

function manyPasses({ id, title }: MapMethod): GradcamError {
  const possible = Object.values<MapMethod>(methods).filter((method) => !isManyPass(method));
  return new GradcamError({
    code: 'method-not-compilable',
    what: `${title} takes many passes through the network and cannot be one graph for this model.`,
    expected: `a method of one pass: ${possible.map((method) => method.id).join(', ')}`,
    found: id,
    hint: 'gradcam explain and gradcam compare run it.',
  });
}

/** Outputs under friendlier names; a name that the model's own file uses for something else keeps its prefix. */
function renamed(graph: Graph, names: Readonly<Record<string, string>>): Graph {
  const taken = new Set(graph.nodes.flatMap((node) => [...node.inputs, ...node.outputs]));
  const nodes: Node[] = [];
  const outputs = graph.outputs.map((port) => {
    const name = names[port.name];
    if (name === undefined || taken.has(name)) return port;
    nodes.push({
      op: 'Identity',
      domain: '',
      name: `gradcam/${name}`,
      inputs: [port.name],
      outputs: [name],
      attributes: {},
    });
    return { ...port, name };
  });
  return { ...graph, nodes: [...graph.nodes, ...nodes], outputs };
}
