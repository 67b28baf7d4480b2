// Which engines run on this machine, and why the others do not.
import { engines } from './engine/engines.ts';

export interface EngineReport {
  readonly id: string;
  readonly title: string;
  readonly available: true | string;
}

export async function listEngines(): Promise<EngineReport[]> {
  const found: EngineReport[] = [];
  for (const engine of engines) found.push({ id: engine.id, title: engine.title, available: await engine.available() });
  return found;
}
