// The command line as users run it: a process of its own on compiled code. Node 20 runs no TypeScript, so src is compiled
// (types stripped, nothing checked) into a folder beside node_modules, once per state of the sources.
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

const root = join(import.meta.dirname, '../..');
const cache = join(root, 'node_modules/.cache/gradcam-test');

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeArgs?: readonly string[];
  /** Called with the running process, for signals. */
  readonly whileRunning?: (child: ChildProcess) => void;
}

/** Runs `gradcam` with arguments and waits for its end. */
export async function gradcam(
  args: readonly string[],
  { cwd, env = {}, nodeArgs = [], whileRunning }: RunOptions = {},
): Promise<Finished> {
  const child = spawn(process.execPath, [...nodeArgs, join(compiled(), 'bin/gradcam.js'), ...args], {
    cwd: cwd ?? root,
    // Vitest sets colours and test variables of its own.
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NODE_OPTIONS: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  whileRunning?.(child);
  const code = await new Promise<number | null>((done) => child.once('close', done));
  return { code, stdout, stderr };
}

let folder: string | null = null;

/** Folder of the compiled package: bin, dist, templates, package.json. */
export function compiled(): string {
  folder ??= compile();
  return folder;
}

function compile(): string {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const texts = sources.sort().map((name) => [name, readFileSync(join(root, 'src', name), 'utf8')] as const);
  const hash = createHash('sha256');
  for (const [name, text] of texts) hash.update(`${name}\0${text}\0`);
  const target = join(cache, hash.digest('hex').slice(0, 16));
  if (existsSync(target)) return target;
  mkdirSync(cache, { recursive: true });
  for (const old of readdirSync(cache)) {
    // Another worker, or another state of the sources, may be at work in a recent one.
    if (Date.now() - statSync(join(cache, old)).mtimeMs > 3_600_000)
      rmSync(join(cache, old), { recursive: true, force: true });
  }
  const building = mkdtempSync(join(cache, 'building-'));
  const compilerOptions: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    verbatimModuleSyntax: true,
    rewriteRelativeImportExtensions: true,
  };
  for (const [name, text] of texts) {
    const file = join(building, 'dist', name.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, ts.transpileModule(text, { compilerOptions, fileName: name }).outputText);
  }
  for (const part of ['bin', 'templates', 'package.json'])
    cpSync(join(root, part), join(building, part), { recursive: true });
  try {
    renameSync(building, target);
  } catch {
    rmSync(building, { recursive: true }); // another worker was quicker
  }
  return target;
}
