// Tensors out of a checkpoint: those that are needed, in as few reads as their places allow, as constants of the graph.
// 32-bit tensors in C order keep the file's own bytes.
import type { Constant } from '../../graph/graph.ts';
import { aligned, constantOf, ELEMENT_BYTES, numbersOf } from '../../graph/tensor.ts';
import { GradcamError } from '../../lib/errors.ts';
import { readPlaces, type Place } from '../places.ts';
import type { FileReader } from '../reader.ts';
import type { StoredData, StoredTensor } from './stored-tensor.ts';

/** What the readers of all formats find: tensors by name, and where their data lie. */
export interface TensorFile {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Throws GradcamError where the data are not in the file. */
  readonly placeOf: (data: StoredData) => Place;
}

/** Tensors that repeat elements of their storage, as `expand` makes them, are written out up to this size. */
const MAX_REPEATED = 2 ** 24;

/** The tensors as float32 constants, under the keys given. Throws GradcamError. */
export async function readTensors<K>(
  file: FileReader,
  source: TensorFile,
  wanted: ReadonlyMap<K, StoredTensor>,
): Promise<Map<K, Constant>> {
  const storages = [...new Map([...wanted.values()].map(({ data }) => [data.key, data])).values()];
  const bytes = await readPlaces(file, storages.map(source.placeOf));
  if (bytes === null) throw tooLarge(file.path);
  const byKey = new Map(storages.map((data, index) => [data.key, bytes[index]!]));
  // Views of one storage may each ask for a copy: together they get no more than a checkpoint could sensibly hold.
  let copied = 0;
  const budget = 4 * file.size + 2 ** 26;
  return new Map(
    [...wanted].map(([key, tensor]) => {
      const { constant, copies } = toConstant(tensor, byKey.get(tensor.data.key)!, file.path);
      copied += copies;
      if (copied > budget) throw tooLarge(file.path);
      return [key, constant];
    }),
  );
}

function toConstant(tensor: StoredTensor, data: Uint8Array, path: string): { constant: Constant; copies: number } {
  const { shape, size, offset, type } = tensor;
  const { dtype, width } = type;
  if (dtype === null) {
    throw new GradcamError({
      code: 'unsupported-weights',
      what: `${path} holds weights of type ${type.name}.`,
      expected: 'float32, float64, float16 or bfloat16',
      hint: 'Quantised and complex networks: export the model as ONNX instead.',
    });
  }
  if (size > tensor.data.elements && size > MAX_REPEATED) throw tooLarge(path);
  const inOrder = tensor.isContiguous
    ? data.subarray(offset * width, (offset + size) * width)
    : gathered(tensor, data, width);
  const ownBytes = tensor.isContiguous ? 0 : inOrder.length;
  if (dtype === 'float32') return { constant: { dtype, shape, bytes: inOrder }, copies: ownBytes };
  const constant = constantOf('float32', shape, numbersOf({ dtype, shape, bytes: inOrder }));
  return { constant, copies: ownBytes + size * ELEMENT_BYTES.float32 };
}

const ARRAYS = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array, 8: BigUint64Array } as const;

/** The elements of a strided view in C order: networks trained with channels last save their filters that way. */
function gathered({ shape, strides, offset, size }: StoredTensor, data: Uint8Array, width: number): Uint8Array {
  const ElementArray = ARRAYS[width as keyof typeof ARRAYS];
  const { buffer, byteOffset, length } = aligned(data, width);
  const from = new ElementArray(buffer as ArrayBuffer, byteOffset, Math.floor(length / width));
  const into = new ElementArray(size);
  const place = shape.map(() => 0);
  let at = offset;
  for (let index = 0; index < size; index++) {
    into[index] = from[at]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis]!;
      if (++place[axis]! < shape[axis]!) break;
      at -= shape[axis]! * strides[axis]!;
      place[axis] = 0;
    }
  }
  return new Uint8Array(into.buffer);
}

function tooLarge(path: string): GradcamError {
  return new GradcamError({
    code: 'checkpoint-damaged',
    what: `${path} asks for more memory than its weights take.`,
    expected: 'tensors of about the size of the file',
    found: 'many large tensors that share their data',
    hint: 'Save the weights again: torch.save({k: v.clone() for k, v in model.state_dict().items()}, ...).',
  });
}
