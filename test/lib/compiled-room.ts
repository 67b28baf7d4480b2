// A part of src compiled into a folder of its own, for tests of worker threads, which need compiled code. It lies under
// node_modules for dependencies to be found.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

export interface CompiledRoom {
  /** Address of a compiled module, by its path below src without an ending. */
  readonly module: (name: string) => string;
  readonly remove: () => void;
}

/** `files`: TypeScript files below src; what they import is compiled with them. */
export function compileRoom(files: readonly string[]): CompiledRoom {
  mkdirSync(join(root, 'node_modules/.cache'), { recursive: true });
  const built = mkdtempSync(join(root, 'node_modules/.cache/gradcam-room-'));
  const config = {
    extends: join(root, 'tsconfig.build.json'),
    compilerOptions: {
      outDir: built,
      rootDir: join(root, 'src'),
      declaration: false,
      typeRoots: [join(root, 'node_modules/@types')],
    },
    files: files.map((file) => join(root, 'src', file)),
    include: [],
  };
  writeFileSync(join(built, 'tsconfig.json'), JSON.stringify(config));
  writeFileSync(join(built, 'package.json'), '{ "type": "module" }');
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(built, 'tsconfig.json')]);
  return {
    module: (name) => pathToFileURL(join(built, `${name}.js`)).href,
    remove: () => rmSync(built, { recursive: true, force: true }),
  };
}
