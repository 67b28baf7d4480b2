import { expect, test } from 'vitest';
import { cuda } from '../../src/engine/engines/cuda.ts';
import { reasonOf } from '../../src/engine/reason.ts';
import { loadProblem } from '../../src/engine/shared-library.ts';

test.each([
  [
    '/onnxruntime_src/onnxruntime/core/providers/cuda/cuda_call.cc:154 std::conditional_t<THRW, void, Status> CudaCall(int) ' +
      '[with ERRTYPE = cudaError] CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version ; GPU=-1 ; ' +
      'hostname=vm ; file=/onnxruntime_src/cuda_execution_provider.cc ; line=352 ; expr=cudaSetDevice(info_.device_id);',
    'CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version',
  ],
  [
    '/src/webgpu_context.cc:90 Initialize status == kSuccess was false. No supported adapters.\n',
    'No supported adapters',
  ],
  [
    "Non-zero status code returned while running Conv node. Name:'probe' Status Message: /onnxruntime_src/cuda_kernel.h:296 " +
      'static cudnnContext* RequireCudnnHandle(cudnnHandle_t) [ONNXRuntimeError] : 9 : NOT_IMPLEMENTED : cuDNN is unavailable: ' +
      'dlopen failed for libcudnn.so',
    'cuDNN is unavailable: dlopen failed for libcudnn.so',
  ],
  ['It does not start.', 'It does not start'],
])('%.40s... in one sentence', (text, sentence) => {
  expect(reasonOf(text)).toBe(sentence);
});

test('a library that is not there is named; one that is no module of Node has loaded', () => {
  expect(loadProblem('libgradcam-nowhere.so.1')).toContain('libgradcam-nowhere.so.1');
  expect(loadProblem(process.execPath.replace(/[^/\\]*$/, 'nowhere/at/all.so'))).not.toBeNull();
});

test.runIf(process.platform === 'linux')('libraries that others need are found', () => {
  expect(loadProblem('libstdc++.so.6')).toBeNull();
});

test.runIf(process.platform === 'linux')('CUDA is on, or says in one line what it lacks', async () => {
  const available = await cuda.available();
  if (available !== true) expect(available).toMatch(/^[^\n]+\.$/);
});
