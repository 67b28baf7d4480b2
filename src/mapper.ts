// The maps of one run: methods of one pass share a compiled graph per site (all of them together one forward and one backward
// pass), methods of many passes run picture by picture on the network.
import { isManyPass, type CamMethod, type MapMethod, type PassMap, type PassMethod, type Site } from './cam/method.ts';
import { settingsOf } from './cam/parameters.ts';
import type { Passes } from './cam/passes.ts';
import { principalMap } from './cam/principal.ts';
import type { Target } from './cam/target.ts';
import type { Session } from './engine/engine.ts';
import { cutGraph } from './graph/cut.ts';
import { withLeftOut } from './fused.ts';
import { GradcamError } from './lib/errors.ts';
import { Random } from './lib/random.ts';
import type { Layer } from './model/model.ts';
import { imageShape, rows, stacked, type Network } from './network.ts';
import { blackInput, toHwc, toModel } from './picture-layout.ts';
import { tailShape, type TailShape } from './program/affine.ts';
import type { Feeds, Program, Tensor } from './program/feeds.ts';
import { camPrograms, CLASS_INDEX, LOGITS, mapName, type CamRequest } from './program/program.ts';
import { inputLayer, tokenGrid } from './program/sites.ts';
import type { Inferred, OpenOptions, Prepared } from './runs.ts';
import { explainedClass } from './targets.ts';
import { tf } from './tf/tfjs.ts';

export interface Mapper {
  /** [height, width] of the maps of each method. */
  readonly grids: readonly (readonly [number, number])[];
  readonly infer: (inputs: readonly Float32Array[], classes: readonly number[] | null) => Promise<Inferred>;
  readonly close: () => Promise<void>;
}

export interface MapperOptions extends Omit<OpenOptions, 'layer'> {
  readonly prepared: Prepared;
  readonly layer: Layer;
  readonly target: Target;
  readonly network: Network;
}

interface Stage {
  readonly session: Session;
}

type Outputs = Readonly<Record<string, Tensor>>;

/**
 * Opens the sessions of the methods of one pass. A method that the network does not allow is left out where there are others:
 * its maps are no numbers, and say why. Throws GradcamError.
 */
export async function openMapper(options: MapperOptions): Promise<Mapper> {
  try {
    return await openAll(options);
  } catch (error) {
    const reasons = options.methods.map((method) => refusalOf(options, method));
    if (reasons.every((reason) => reason === null) || !reasons.includes(null)) throw error;
    for (const reason of reasons) if (reason !== null) options.onLeftOut?.(reason);
    const left = options.methods.filter((_, index) => reasons[index] === null);
    return withLeftOut(await openAll({ ...options, methods: left }), reasons);
  }
}

/** Why the network does not allow a method, found out by tracing it alone; null where it does. */
function refusalOf(options: MapperOptions, method: MapMethod): string | null {
  try {
    const { programs } = stagesOf(options, settleMethods({ ...options, methods: [method] }));
    for (const program of programs) program.graph();
    return null;
  } catch (error) {
    if (!(error instanceof GradcamError) || error.exitCode === 2) throw error;
    const { what, found } = error.parts;
    return `${method.title} is left out. ${what}${found === undefined ? '' : ` Found: ${found}`}`;
  }
}

async function openAll(options: MapperOptions): Promise<Mapper> {
  const { prepared, layer, network } = options;
  const methods = settleMethods(options);
  const { image, first, later } = await openStages(options, methods);
  const { batch, output } = prepared;
  const shape = imageShape(prepared);
  const input = inputLayer(prepared.graph, prepared.model.input, prepared.model.path);
  const sized = ({ shape }: Layer): readonly [number, number] => [shape[0], shape[1]];
  const places: Readonly<Record<Site, readonly [number, number]>> = {
    ...{ layer: sized(layer), input: sized(input) },
    tokens: tokenGrid(prepared.layers)?.grid ?? sized(layer),
  };
  const gridOf = ({ at = 'layer' }: MapMethod): readonly [number, number] => places[at];

  return {
    grids: methods.map(gridOf),
    async infer(inputs, classes) {
      const parts = chunks(inputs.length, batch);
      const images = parts.map(([from, to]): Feeds => ({
        [image]: { dtype: 'float32', shape, data: stacked(inputs.slice(from, to), batch) },
      }));
      const results: Outputs[] = [];
      for (const [part, [from, to]] of parts.entries())
        results.push(await first.session.run({ ...images[part]!, ...indexFeed(classes?.slice(from, to), batch) }));
      const logits = parts.flatMap(([from, to], part) => rows(results[part]![LOGITS]!, to - from));

      /** What the sessions give, part by part, those that wait for the classes included. */
      const outputsFor = async (chosen: readonly number[]): Promise<Outputs[]> => {
        const outputs = results.map((result) => ({ ...result }));
        for (const { session } of later)
          for (const [part, [from, to]] of parts.entries()) {
            const feeds = { ...images[part]!, ...results[part]!, ...indexFeed(chosen.slice(from, to), batch) };
            Object.assign(outputs[part]!, await session.run(feeds));
          }
        return outputs;
      };
      const byPasses = async (method: PassMethod, chosen: readonly number[]): Promise<PassMap[]> => {
        const found: PassMap[] = [];
        for (const [sample, picture] of inputs.entries()) {
          const part = Math.floor(sample / batch);
          const frontier = method.tail ? await network.frontierOf(results[part]!, sample % batch) : new Map();
          const classIndex = explainedClass(chosen[sample]!, logits[sample]!);
          found.push(await explain(options, method, { input: picture, inputShape: input.shape, classIndex, frontier }));
        }
        return found;
      };
      const explained = async (chosen: readonly number[]): Promise<PassMap[][]> => {
        const outputs = await outputsFor(chosen);
        const maps: PassMap[][] = [];
        for (const method of methods)
          maps.push(
            isManyPass(method)
              ? await byPasses(method, chosen)
              : parts.flatMap(([from, to], part) =>
                  rows(outputs[part]![mapName(method.id)]!, to - from).map((map) => ({ map })),
                ),
          );
        return maps;
      };
      return {
        logits: logits.map((row) => row.slice(0, output.classes)),
        explained,
        maps: async (chosen) => (await explained(chosen)).map((samples) => samples.map(({ map }) => map)),
      };
    },
    async close() {
      await Promise.all([first, ...later].map(({ session }) => session.close()));
    },
  };
}

/** Methods as they are run: signed where asked for, in closed form where there is one for this head. Throws `head-not-pooled`. */
export function settleMethods({
  prepared,
  layer,
  methods,
  signed = false,
  eigenSmooth = false,
  target,
}: Pick<MapperOptions, 'prepared' | 'layer' | 'methods' | 'signed' | 'eigenSmooth' | 'target'>): MapMethod[] {
  let shape: TailShape | undefined;
  const tail = (): TailShape =>
    (shape ??= tailShape(prepared.graph, cutGraph(prepared.graph, [layer.value], [prepared.output.logits]), layer));
  return methods.map((method) => {
    if (method.head === 'pooled-linear' && !(tail().pooled && target.linear)) throw notPooled(prepared, layer, method);
    if (eigenSmooth) return smoothed(method, signed);
    if (!isManyPass(method)) return signed && method.signed !== undefined ? { ...method, map: method.signed } : method;
    const { closedForm, ...described } = method;
    if (closedForm === undefined || !target.linear || !tail().affine)
      return signed ? { ...method, relu: false } : method;
    return { ...described, needs: 'gradients', map: signed ? closedForm : rectify(closedForm, method.relu) };
  });
}

/** The first principal component of what a method sums over the channels, in the place of that sum. Throws `nothing-to-smooth`. */
function smoothed(method: MapMethod, signed: boolean): CamMethod {
  const terms = isManyPass(method) ? undefined : method.terms;
  if (isManyPass(method) || terms === undefined)
    throw new GradcamError({
      code: 'nothing-to-smooth',
      what: `${method.title} is no sum over channels of one pass, so --smooth eigen has nothing to take the component of.`,
      hint: 'Leave the method out, or use --smooth aug.',
    });
  return { ...method, map: (cam) => (signed ? principalMap(terms(cam)) : tf.relu(principalMap(terms(cam)))) };
}

type Kind = Pick<CamRequest, 'taps' | 'guided'>;
/** Backward passes to the picture. Each is a graph of its own: what one method looks at must not slow down another. */
const KINDS: readonly Kind[] = [{}, { taps: 'biases' }, { taps: 'attention' }, { guided: true }];

async function openStages(
  options: MapperOptions,
  methods: readonly MapMethod[],
): Promise<{ image: string; first: Stage; later: readonly Stage[] }> {
  const { image, programs } = stagesOf(options, methods);
  const { engine, threads, besideOthers } = options;
  const open = async (program: Program): Promise<Stage> => ({
    session: await engine.open(program, { threads, besideOthers }),
  });
  const [first, ...later] = await Promise.all(programs.map(open));
  return { image, first: first!, later };
}

/** What is run of the methods of one pass, one after the other. */
function stagesOf(options: MapperOptions, methods: readonly MapMethod[]): { image: string; programs: Program[] } {
  const { prepared, layer, target, voting } = options;
  const { model, graph, output, batch } = prepared;
  const onePass = methods.filter((method): method is CamMethod => !isManyPass(method));
  const atLayer = onePass.filter(({ at = 'layer' }) => at === 'layer');
  const whole = inputLayer(graph, model.input, model.path);
  const programsAt = (site: Layer, readers: readonly CamMethod[], kind: Kind = {}) =>
    camPrograms({
      ...{ model: model.path, graph, input: model.input, output, target, batch },
      ...{ layer: site, methods: readers, tokens: tokenGrid(prepared.layers), ...kind },
    });
  const layerPrograms = programsAt(layer, atLayer);
  const wantsFeatures = methods.some((method) => isManyPass(method) && method.tail);
  const programs: Program[] = [];
  if (wantsFeatures || (voting && atLayer.length > 0)) programs.push(layerPrograms.head);
  else if (voting || onePass.length === 0) programs.push(layerPrograms.forward);
  if (atLayer.length > 0) programs.push(programs.length > 0 ? layerPrograms.tail : layerPrograms.whole);
  for (const kind of KINDS) {
    const readers = onePass.filter(
      ({ at = 'layer', taps, guided = false }) =>
        at !== 'layer' && taps === kind.taps && guided === (kind.guided ?? false),
    );
    if (readers.length > 0) programs.push(programsAt(whole, readers, kind).whole);
  }
  return { image: layerPrograms.image, programs };
}

interface OnePicture {
  /** In the model's own layout. */
  readonly input: Float32Array;
  readonly inputShape: readonly [number, number, number];
  readonly classIndex: number;
  readonly frontier: ReadonlyMap<string, Tensor>;
}

async function explain(options: MapperOptions, method: PassMethod, one: OnePicture): Promise<PassMap> {
  const { prepared, layer, network, settings = {}, seed = 0, onPasses } = options;
  const { layout } = prepared.model.input;
  const told = (done: number, total: number): void => onPasses?.(method.id, done, total);
  const toLayout = function* (pictures: Iterable<Float32Array>): Generator<Float32Array> {
    for (const picture of pictures) yield toModel(picture, one.inputShape, layout);
  };
  const passes: Passes = {
    inputShape: one.inputShape,
    layerShape: layer.shape,
    picture: toHwc(one.input, one.inputShape, layout),
    black: blackInput(prepared.prepare, one.inputShape),
    settings: settingsOf(method.id, settings[method.id]),
    random: () => Random.of(seed, 'passes'),
    async scores(pictures, count) {
      return (await network.score(toLayout(pictures), count, one.classIndex, told)).scores;
    },
    inputGradients: (pictures, count) => network.gradients('input', toLayout(pictures), count, one.classIndex, told),
    layerGradients: (pictures, count) => network.gradients('layer', toLayout(pictures), count, one.classIndex, told),
    features: () => featuresOf(one.frontier, layer),
    scaledScores: (scales, count) => network.scaled(one.frontier, scales, count, one.classIndex, told),
  };
  const { map, note = null } = await method.explain(passes);
  return { map: method.relu ? map.map((value) => Math.max(0, value)) : map, note };
}

/** The feature maps of one picture as `[height, width, channels]`. */
function featuresOf(frontier: ReadonlyMap<string, Tensor>, { value, layout, prefix, shape }: Layer): Float32Array {
  const { data } = frontier.get(value) ?? frontier.get(`gradcam/float32/${value}`)!;
  const values = data as Float32Array;
  return layout === 'tokens' ? values.slice(prefix * shape[2]) : toHwc(values, shape, layout);
}

const rectify =
  (map: NonNullable<PassMethod['closedForm']>, relu: boolean): CamMethod['map'] =>
  (cam) =>
    relu ? tf.relu(map(cam)) : map(cam);

function chunks(count: number, size: number): (readonly [number, number])[] {
  return Array.from(
    { length: Math.ceil(count / size) },
    (_, index) => [index * size, Math.min(count, (index + 1) * size)] as const,
  );
}

function indexFeed(classes: readonly number[] | undefined, batch: number): Feeds {
  if (classes === undefined) return {};
  const data = new Int32Array(batch).fill(-1);
  data.set(classes);
  return { [CLASS_INDEX]: { dtype: 'int32', shape: [batch], data } };
}

function notPooled({ model, output }: Prepared, layer: Layer, { id, title }: MapMethod): GradcamError {
  return new GradcamError({
    code: 'head-not-pooled',
    what: `${title} needs a head that it does not find after the layer "${layer.name}" of ${model.path}.`,
    expected: `global average pooling, then one linear layer to "${output.logits}"`,
    found: 'other operations between the layer and the logits',
    hint: `Take the last layer (--layer auto), or gradcam, which is what ${id} becomes for every other head.`,
  });
}
