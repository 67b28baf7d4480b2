// nn.AdaptiveAvgPool2d onto a grid of fixed size, as networks with a flattening classifier have it.
import { ints } from '../../../graph/attributes.ts';
import { constantOf } from '../../../graph/tensor.ts';
import type { Network, Value } from '../network.ts';

/**
 * [batch, channels, side, side]: cell i of n averages rows floor(i * height / n) up to ceil((i + 1) * height / n). Where those
 * overlap it is a product with a matrix of means on either side.
 */
export function adaptiveAverage(net: Network, x: Value, path: string, side: number): Value {
  const [batch = 1, channels = 1, height = 1, width = 1] = x.shape;
  const shape = [batch, channels, side, side];
  if (height % side === 0 && width % side === 0) {
    const kernel = ints([height / side, width / side]);
    return net.emit('AveragePool', [x], { kernel_shape: kernel, strides: kernel }, { scope: path, shape });
  }
  const rows = net.constant(constantOf('float32', [side, height], meansOf(side, height)));
  const columns = net.transpose(net.constant(constantOf('float32', [side, width], meansOf(side, width))), path, [1, 0]);
  const narrow = { scope: path, shape: [batch, channels, height, side], name: `${path}.columns` };
  return net.emit('MatMul', [rows, net.emit('MatMul', [x, columns], {}, narrow)], {}, { scope: path, shape });
}

/** [count, size]: row i holds the shares of the `size` cells in the mean of cell i, floor(i size / count) up to ceil((i + 1) size / count). */
function meansOf(count: number, size: number): Float32Array {
  const means = new Float32Array(count * size);
  for (let cell = 0; cell < count; cell++) {
    const begin = Math.floor((cell * size) / count);
    const end = Math.ceil(((cell + 1) * size) / count);
    means.fill(1 / (end - begin), cell * size + begin, cell * size + end);
  }
  return means;
}
