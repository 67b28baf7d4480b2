// The weights of one network by name, as its builder sees them: what is there, of what shape, module by module.
import type { Constant } from '../../graph/graph.ts';
import { naturalCompare } from '../../lib/names.ts';

export class Weights {
  private readonly shapes: ReadonlyMap<string, readonly number[]>;
  private readonly constants: ReadonlyMap<string, Constant> | null;
  /** Paths of all modules with weights -> names of their children, as they come. */
  private readonly tree = new Map<string, Set<string>>();

  /** Without `constants`, for looking at names and shapes alone, every constant comes without its bytes. */
  constructor(shapes: ReadonlyMap<string, readonly number[]>, constants: ReadonlyMap<string, Constant> | null = null) {
    this.shapes = shapes;
    this.constants = constants;
    for (const name of shapes.keys()) this.enter(name);
  }

  get names(): readonly string[] {
    return [...this.shapes.keys()];
  }

  has(name: string): boolean {
    return this.shapes.has(name);
  }

  shapeOf(name: string): readonly number[] | undefined {
    return this.shapes.get(name);
  }

  constantOf(name: string, shape: readonly number[]): Constant {
    return this.constants?.get(name) ?? { dtype: 'float32', shape, bytes: new Uint8Array() };
  }

  hasModule(path: string): boolean {
    return this.tree.has(path);
  }

  /** Names directly below a module, numbers in their order. */
  childrenOf(path: string): readonly string[] {
    return [...(this.tree.get(path) ?? [])].sort(naturalCompare);
  }

  /** How many of `${path}${first}`, `${path}${first + 1}`, ... are modules with weights. */
  countOf(path: string, first = 0): number {
    let count = 0;
    while (this.hasModule(`${path}${first + count}`)) count++;
    return count;
  }

  /** Numbers of the children of a module that are numbers, ascending. */
  indicesOf(path: string): number[] {
    return [...(this.tree.get(path) ?? [])]
      .filter((name) => /^\d{1,6}$/.test(name))
      .map(Number)
      .sort((a, b) => a - b);
  }

  /** Notes a name below every module that it lies in. */
  private enter(path: string): void {
    for (let end = path.length; end > 0;) {
      const dot = path.lastIndexOf('.', end - 1);
      const parent = dot === -1 ? '' : path.slice(0, dot);
      const name = path.slice(dot + 1, end);
      const known = this.tree.get(parent);
      // Whatever is known to have this child is known to its own parents too.
      if (known?.has(name)) return;
      if (known === undefined) this.tree.set(parent, new Set([name]));
      else known.add(name);
      end = dot;
    }
  }
}
