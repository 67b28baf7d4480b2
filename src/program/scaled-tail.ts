// The tail as a program by itself for one picture whose feature maps are multiplied channel by channel, many scales at a
// time: what ablation asks for. What the tail reads comes in once and is repeated inside the graph.
import { cutGraph } from '../graph/cut.ts';
import type { Graph, Port } from '../graph/graph.ts';
import { GradcamError } from '../lib/errors.ts';
import { replay } from '../replay/replay.ts';
import { tf } from '../tf/tfjs.ts';
import { trace } from '../trace/tracer.ts';
import type { Program } from './feeds.ts';
import { computed, known, LOGITS, narrow, tensorOf, widened, type Narrowed } from './pieces.ts';
import type { CamRequest } from './program.ts';
import { fromGrid, toGrid } from './tail.ts';

/** The input with the factors, float32 `[batch, channels]`. */
export const SCALE = 'gradcam/scale';

export interface FrontierRows {
  /** Name under which a value leaves the head and enters the tail. */
  readonly name: string;
  /** Rows of one picture; null where the value is the same for all pictures of a batch. */
  readonly rows: number | null;
}

export interface ScaledTail {
  readonly program: Program;
  /** What the tail reads, as the head program of the other batch size gives it. */
  readonly frontier: readonly FrontierRows[];
}

/**
 * `request.graph` is of the passes' batch; `pictures` is the graph, of batch `pictureBatch`, whose head gives the values.
 * Throws GradcamError `batch-in-shape` where a value does not go picture by picture.
 */
export function scaledTail(request: CamRequest, pictures: Graph, pictureBatch: number): ScaledTail {
  const { graph, layer, output, batch, model } = request;
  const cut = cutGraph(graph, [layer.value], [output.logits]);
  const values = cut.frontier.map((value) => {
    const narrowed = narrow(graph, model, value);
    const from = narrow(pictures, model, value).port.type.shape as readonly number[];
    return { value, narrowed, rows: rowsOf(value, narrowed, from, batch, pictureBatch, model) };
  });
  const ports = values.map(({ narrowed, rows }): Port => {
    const shape = narrowed.port.type.shape as readonly number[];
    return {
      ...narrowed.port,
      type: { ...narrowed.port.type, shape: rows === null ? shape : [rows, ...shape.slice(1)] },
    };
  });
  const scale: Port = { name: SCALE, type: { dtype: 'float32', shape: [batch, layer.shape[2]] } };
  const logitsOf = (read: (port: Port) => tf.Tensor): Record<string, tf.Tensor> => {
    const feeds = new Map(
      values.map(({ value, narrowed, rows }, index) => [
        value,
        widened(repeated(read(ports[index]!), rows === null ? 1 : batch), narrowed),
      ]),
    );
    const whole = feeds.get(layer.value)!;
    const factors = tf.reshape(read(scale), [batch, 1, 1, layer.shape[2]]);
    feeds.set(layer.value, fromGrid(tf.mul<tf.Tensor4D>(toGrid(whole, layer), factors), whole, layer));
    const logits = replay(graph, cut.tail, feeds, [output.logits]).get(output.logits)!;
    return { [LOGITS]: tf.reshape(logits, [batch, output.classes]) };
  };
  return {
    frontier: values.map(({ narrowed, rows }) => ({ name: narrowed.port.name, rows })),
    program: {
      name: `${model}: scaled feature maps`,
      graph: () => trace((tracer) => logitsOf((port) => tracer.input(port.name, known(port.type)))),
      compute: (feeds) => computed(() => logitsOf((port) => tensorOf(feeds, port.name))),
    },
  };
}

const repeated = (tensor: tf.Tensor, times: number): tf.Tensor =>
  times === 1 ? tensor : tf.tile(tensor, [times, ...tensor.shape.slice(1).map(() => 1)]);

/** Rows of a value that belong to one picture: its first axis may count pictures, or pictures and windows of each. */
function rowsOf(
  value: string,
  { port }: Narrowed,
  from: readonly number[],
  batch: number,
  pictureBatch: number,
  model: string,
): number | null {
  const shape = port.type.shape as readonly number[];
  const inner = shape.slice(1).join() === from.slice(1).join() && shape.length === from.length;
  const rows = (shape[0] ?? 0) / batch;
  if (inner && shape.length > 0 && Number.isInteger(rows) && rows > 0 && from[0] === rows * pictureBatch) return rows;
  if (shape.join() === from.join()) return null;
  throw new GradcamError({
    code: 'batch-in-shape',
    what: `The value "${value}" of ${model} does not go picture by picture.`,
    expected: 'a first axis that counts pictures',
    found: `[${from.join(', ')}] for ${pictureBatch} pictures, [${shape.join(', ')}] for ${batch}`,
    hint: 'Take another layer, or a method of one pass such as gradcam.',
  });
}
