// The table of engines, and the choice among them.
import { GradcamError } from '../lib/errors.ts';
import type { Engine } from './engine.ts';
import { coreml } from './engines/coreml.ts';
import { cpu } from './engines/cpu.ts';
import { cuda } from './engines/cuda.ts';
import { directml } from './engines/directml.ts';
import { eager } from './engines/eager.ts';
import { tensorrt } from './engines/tensorrt.ts';
import { tfjsNode } from './engines/tfjs-node.ts';
import { tfjsNodeGpu } from './engines/tfjs-node-gpu.ts';
import { wasm } from './engines/wasm.ts';
import { webgpu } from './engines/webgpu.ts';

/** Engines, in the order in which doctor lists them; `auto` takes the available one of lowest `priority`. */
export const engines = [
  cpu,
  cuda,
  tensorrt,
  webgpu,
  coreml,
  directml,
  eager,
  wasm,
  tfjsNode,
  tfjsNodeGpu,
] as const satisfies readonly Engine[];

/** The engine of that id, or the first available one for `auto`. Throws GradcamError with the reason of each that was tried. */
export async function chooseEngine(id: string): Promise<Engine> {
  const asked: readonly Engine[] =
    id === 'auto'
      ? engines
          .filter((engine): engine is Engine & { priority: number } => engine.priority !== null)
          .sort((a, b) => a.priority - b.priority)
      : engines.filter((engine) => engine.id === id);
  const reasons: string[] = [];
  for (const engine of asked) {
    const available = await engine.available();
    if (available === true) return engine;
    reasons.push(`${engine.id}: ${available}`);
  }
  throw new GradcamError({
    code: 'no-engine',
    what: asked.length === 0 ? `There is no engine "${id}".` : `The engine "${id}" is not available.`,
    expected: `auto, ${engines.map((engine) => engine.id).join(', ')}`,
    ...(reasons.length > 0 ? { found: reasons.join('; ') } : {}),
    hint: 'gradcam doctor tells what runs on this machine.',
  });
}
