// Ids of the engines without the engines themselves: help and checks of options must not load what they run on.
// Held equal to the table by a test.

/** `auto` first, then the engines in the order in which the table has them. */
export const engineIds = [
  'auto',
  'cpu',
  'cuda',
  'tensorrt',
  'webgpu',
  'coreml',
  'directml',
  'eager',
  'wasm',
  'tfjs-node',
  'tfjs-node-gpu',
] as const;
