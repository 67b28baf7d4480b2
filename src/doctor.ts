// Which engines run on this machine, and why the others do not.
import { engines } from './engine/engines.ts';

/** An engine; `available` is true, or a sentence that says why it is not. */
export interface EngineReport {
  readonly id: string;
  readonly title: string;
  readonly available: true | string;
}

/** Every engine, whether it runs on this machine, and if not, why. Throws nothing. */
export async function listEngines(): Promise<EngineReport[]> {
  const found: EngineReport[] = [];
  for (const engine of engines) found.push({ id: engine.id, title: engine.title, available: await engine.available() });
  return found;
}
