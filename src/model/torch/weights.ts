// The weights of one network by name, as its builder sees them: what is there, of what shape, module by module.
import type { Constant } from '../../graph/graph.ts';
import { naturalCompare } from '../../lib/names.ts';

export class Weights {
  private readonly shapes: ReadonlyMap<string, readonly number[]>;
  private readonly constants: ReadonlyMap<string, Constant> | null;
  /** Paths of all modules with weights -> their children, in natural order. */
  private readonly tree = new Map<string, string[]>();

  /** Without `constants`, for looking at names and shapes alone, every constant comes without its bytes. */
  constructor(shapes: ReadonlyMap<string, readonly number[]>, constants: ReadonlyMap<string, Constant> | null = null) {
    this.shapes = shapes;
    this.constants = constants;
    const children = new Map<string, Set<string>>();
    for (const name of shapes.keys()) {
      const parts = name.split('.');
      let path = '';
      for (const part of parts) {
        const known = children.get(path) ?? new Set();
        children.set(path, known.add(part));
        path = path === '' ? part : `${path}.${part}`;
      }
    }
    for (const [path, names] of children) this.tree.set(path, [...names].sort(naturalCompare));
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
    return this.tree.get(path) ?? [];
  }

  /** How many of `${path}${first}`, `${path}${first + 1}`, ... are modules with weights. */
  countOf(path: string, first = 0): number {
    let count = 0;
    while (this.hasModule(`${path}${first + count}`)) count++;
    return count;
  }

  /** Numbers of the children of a module that are numbers, ascending. */
  indicesOf(path: string): number[] {
    return this.childrenOf(path)
      .filter((name) => /^\d{1,6}$/.test(name))
      .map(Number);
  }
}
