// TensorFlow.js without its banner. Every module that runs TensorFlow.js operations imports `tf` from here: the value and,
// under the same name, the types. Loading takes a few hundred milliseconds: commands import lazily.
import { createRequire } from 'node:module';
import type * as library from '@tensorflow/tfjs';

/** By `require`: an `import` would first scan the library's 8 MB for the names it exports, as long as loading it takes. */
export const tf = createRequire(import.meta.url)('@tensorflow/tfjs') as typeof library;

/* eslint-disable @typescript-eslint/no-namespace -- the types that go with the value above */
export declare namespace tf {
  type Tensor<R extends library.Rank = library.Rank> = library.Tensor<R>;
  type DataStorage<T> = library.DataStorage<T>;
  type ArgMaxAttrs = library.ArgMaxAttrs;
  type AvgPoolAttrs = library.AvgPoolAttrs;
  type AvgPoolGradAttrs = library.AvgPoolGradAttrs;
  type BackendValues = library.BackendValues;
  type BatchMatMulAttrs = library.BatchMatMulAttrs;
  type BatchToSpaceNDAttrs = library.BatchToSpaceNDAttrs;
  type CastAttrs = library.CastAttrs;
  type ClipByValueAttrs = library.ClipByValueAttrs;
  type ConcatAttrs = library.ConcatAttrs;
  type Conv2DAttrs = library.Conv2DAttrs;
  type Conv2DBackpropFilterAttrs = library.Conv2DBackpropFilterAttrs;
  type Conv2DBackpropInputAttrs = library.Conv2DBackpropInputAttrs;
  type CumsumAttrs = library.CumsumAttrs;
  type DataId = library.DataId;
  type DataType = library.DataType;
  type DepthToSpaceAttrs = library.DepthToSpaceAttrs;
  type DepthwiseConv2dNativeAttrs = library.DepthwiseConv2dNativeAttrs;
  type DepthwiseConv2dNativeBackpropFilterAttrs = library.DepthwiseConv2dNativeBackpropFilterAttrs;
  type DepthwiseConv2dNativeBackpropInputAttrs = library.DepthwiseConv2dNativeBackpropInputAttrs;
  type EinsumAttrs = library.EinsumAttrs;
  type ExpandDimsAttrs = library.ExpandDimsAttrs;
  type FillAttrs = library.FillAttrs;
  type FusedBatchNormAttrs = library.FusedBatchNormAttrs;
  type FusedConv2DAttrs = library.FusedConv2DAttrs;
  type FusedDepthwiseConv2DAttrs = library.FusedDepthwiseConv2DAttrs;
  type GatherV2Attrs = library.GatherV2Attrs;
  type GradConfig = library.GradConfig;
  type GradFunc = library.GradFunc;
  type GradSaveFunc = library.GradSaveFunc;
  type GraphModel = library.GraphModel;
  type KernelBackend = library.KernelBackend;
  type KernelFunc = library.KernelFunc;
  type LRNAttrs = library.LRNAttrs;
  type LeakyReluAttrs = library.LeakyReluAttrs;
  type MaxPoolAttrs = library.MaxPoolAttrs;
  type MaxPoolGradAttrs = library.MaxPoolGradAttrs;
  type MirrorPadAttrs = library.MirrorPadAttrs;
  type NamedAttrMap = library.NamedAttrMap;
  type NamedTensorInfoMap = library.NamedTensorInfoMap;
  type NamedTensorMap = library.NamedTensorMap;
  type OneHotAttrs = library.OneHotAttrs;
  type PackAttrs = library.PackAttrs;
  type PadV2Attrs = library.PadV2Attrs;
  type ReshapeAttrs = library.ReshapeAttrs;
  type ResizeBilinearAttrs = library.ResizeBilinearAttrs;
  type ResizeNearestNeighborAttrs = library.ResizeNearestNeighborAttrs;
  type ReverseAttrs = library.ReverseAttrs;
  type Scalar = library.Scalar;
  type ScatterNdAttrs = library.ScatterNdAttrs;
  type SliceAttrs = library.SliceAttrs;
  type SoftmaxAttrs = library.SoftmaxAttrs;
  type SpaceToBatchNDAttrs = library.SpaceToBatchNDAttrs;
  type SplitVAttrs = library.SplitVAttrs;
  type StepAttrs = library.StepAttrs;
  type StridedSliceAttrs = library.StridedSliceAttrs;
  type Tensor1D = library.Tensor1D;
  type Tensor2D = library.Tensor2D;
  type Tensor3D = library.Tensor3D;
  type Tensor4D = library.Tensor4D;
  type TensorInfo = library.TensorInfo;
  type TileAttrs = library.TileAttrs;
  type TopKAttrs = library.TopKAttrs;
  type TransposeAttrs = library.TransposeAttrs;
  type UnpackAttrs = library.UnpackAttrs;
  type UnsortedSegmentSumAttrs = library.UnsortedSegmentSumAttrs;
  type _FusedMatMulAttrs = library._FusedMatMulAttrs;
  namespace backend_util {
    type ExplicitPadding = library.backend_util.ExplicitPadding;
  }
  namespace io {
    type ModelArtifacts = library.io.ModelArtifacts;
    type ModelJSON = library.io.ModelJSON;
    type WeightsManifestEntry = library.io.WeightsManifestEntry;
  }
}

silenceBanner();

/**
 * The `cpu` backend greets on its first write, on stderr, unless the library's own `PROD` flag is up. One write under
 * that flag uses the greeting up; the flag is put back. `cpu` becomes the current backend unless another one already is:
 * otherwise TensorFlow.js, choosing it later by itself, would make a second one, which greets again.
 */
function silenceBanner(): void {
  const flags = tf.env();
  const production = flags.getBool('PROD');
  flags.set('PROD', true);
  // The promise is settled: `cpu` needs no waiting.
  if (!tf.getBackend()) void tf.setBackend('cpu');
  const cpu = tf.findBackend('cpu');
  cpu.disposeData(cpu.write(new Float32Array(1), [1], 'float32'));
  flags.set('PROD', production);
}
