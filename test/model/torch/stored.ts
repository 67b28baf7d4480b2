// Tensors by name and shape, as a reader of checkpoints describes them, without a file behind them.
import { contiguousStrides, ELEMENT_TYPES, StoredData, StoredTensor } from '../../../src/model/torch/stored-tensor.ts';

export function storedTensors(shapes: Readonly<Record<string, readonly number[]>>): Map<string, StoredTensor> {
  const type = ELEMENT_TYPES.float32!;
  return new Map(
    Object.entries(shapes).map(([name, shape]) => {
      const size = shape.reduce((product, dim) => product * dim, 1);
      const data = new StoredData(name, type, size);
      return [name, new StoredTensor({ data, type, shape, strides: contiguousStrides(shape), offset: 0 })];
    }),
  );
}
