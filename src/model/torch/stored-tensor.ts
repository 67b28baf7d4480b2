// Tensors as checkpoints describe them: where their elements lie in a storage, in which order. No bytes are read here.
import type { DType } from '../../graph/graph.ts';
import { ELEMENT_BYTES, sizeOf } from '../../graph/tensor.ts';

/** An element type of PyTorch. `dtype` is null for those that no network here computes with. */
export interface ElementType {
  readonly name: string;
  readonly dtype: DType | null;
  /** Bytes of one element. */
  readonly width: number;
}

/** A run of elements in a checkpoint that tensors are views of. */
export class StoredData {
  readonly key: string;
  readonly type: ElementType;
  readonly elements: number;

  constructor(key: string, type: ElementType, elements: number) {
    this.key = key;
    this.type = type;
    this.elements = elements;
  }

  /** Bytes. */
  get length(): number {
    return this.elements * this.type.width;
  }
}

/** A view of a storage: element [i, j, ...] lies at offset + i * strides[0] + j * strides[1] + ..., counted in elements. */
export class StoredTensor {
  readonly data: StoredData;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;

  /** Throws RangeError where the view reaches beyond its storage: messages name the tensor, which only callers know. */
  constructor(view: Pick<StoredTensor, 'data' | 'type' | 'shape' | 'strides' | 'offset'>) {
    this.data = view.data;
    this.type = view.type;
    this.shape = view.shape;
    this.strides = view.strides;
    this.offset = view.offset;
    const numbers = [...this.shape, ...this.strides, this.offset];
    const isSound =
      this.shape.length === this.strides.length && this.shape.length <= MAX_RANK && numbers.every(isCount);
    const end = isSound ? this.end() : Infinity;
    if (end * this.type.width > this.data.length) {
      throw new RangeError(`[${this.shape.join(', ')}] of ${this.type.name} from element ${this.offset} on`);
    }
  }

  /** Elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** Whether the elements lie one after the other in C order. */
  get isContiguous(): boolean {
    let step = 1;
    for (let axis = this.shape.length - 1; axis >= 0; axis--) {
      const dim = this.shape[axis]!;
      if (dim !== 1 && this.strides[axis] !== step) return false;
      step *= dim;
    }
    return true;
  }

  /** The place after the last element. */
  private end(): number {
    if (this.shape.includes(0)) return this.offset;
    return this.shape.reduce((at, dim, axis) => at + (dim - 1) * this.strides[axis]!, this.offset) + 1;
  }
}

const MAX_RANK = 16;

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

/** Strides of a tensor in C order. */
export function contiguousStrides(shape: readonly number[]): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

const readable = (name: string, dtype: DType): ElementType => ({ name, dtype, width: ELEMENT_BYTES[dtype] });
const unreadable = (name: string, width: number): ElementType => ({ name, dtype: null, width });

/** By PyTorch's name of the type: `torch.<name>`. */
export const ELEMENT_TYPES: Readonly<Record<string, ElementType>> = Object.fromEntries(
  [
    readable('float32', 'float32'),
    readable('float64', 'float64'),
    readable('float16', 'float16'),
    readable('bfloat16', 'bfloat16'),
    readable('int8', 'int8'),
    readable('int16', 'int16'),
    readable('int32', 'int32'),
    readable('int64', 'int64'),
    readable('uint8', 'uint8'),
    readable('uint16', 'uint16'),
    readable('uint32', 'uint32'),
    readable('uint64', 'uint64'),
    readable('bool', 'bool'),
    unreadable('complex32', 4),
    unreadable('complex64', 8),
    unreadable('complex128', 16),
    unreadable('float8_e4m3fn', 1),
    unreadable('float8_e4m3fnuz', 1),
    unreadable('float8_e5m2', 1),
    unreadable('float8_e5m2fnuz', 1),
    unreadable('qint8', 1),
    unreadable('quint8', 1),
    unreadable('qint32', 4),
    unreadable('quint4x2', 1),
    unreadable('quint2x4', 1),
  ].map((type) => [type.name, type]),
);

const STORAGES: Readonly<Record<string, string>> = {
  FloatStorage: 'float32',
  DoubleStorage: 'float64',
  HalfStorage: 'float16',
  BFloat16Storage: 'bfloat16',
  CharStorage: 'int8',
  ShortStorage: 'int16',
  IntStorage: 'int32',
  LongStorage: 'int64',
  ByteStorage: 'uint8',
  BoolStorage: 'bool',
  UntypedStorage: 'uint8',
  ComplexFloatStorage: 'complex64',
  ComplexDoubleStorage: 'complex128',
  QInt8Storage: 'qint8',
  QUInt8Storage: 'quint8',
  QInt32Storage: 'qint32',
  QUInt4x2Storage: 'quint4x2',
  QUInt2x4Storage: 'quint2x4',
};

/** The element type of a storage class of PyTorch, `torch.FloatStorage`; undefined for what is none. */
export function elementTypeOfStorage(className: string): ElementType | undefined {
  const name = Object.hasOwn(STORAGES, className) ? STORAGES[className] : undefined;
  return name === undefined ? undefined : ELEMENT_TYPES[name];
}
