// The command line in a process of its own: what it loads, prints and leaves behind. Engine `eager`, the slowest, where a
// test needs time to interrupt.
import { execFileSync, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../src/report/report.ts';
import { temporaryFolder } from '../lib/temporary-folder.ts';
import { compiled, gradcam } from './compiled.ts';

const root = join(import.meta.dirname, '../..');
const HEAVY = /node_modules[/\\](@tensorflow|onnxruntime|sharp|@img|@napi-rs|handlebars|h5wasm)/;

beforeAll(() => void compiled());

/** Addresses or paths of all modules that a command loads, by a resolve hook in the process. */
async function modulesLoadedBy(args: readonly string[]): Promise<string[]> {
  const { path, put } = temporaryFolder();
  const log = join(path, 'loaded.txt');
  const hook = put(
    'hook.mjs',
    `import { appendFileSync } from 'node:fs';
     export async function resolve(name, context, next) {
       const found = await next(name, context);
       appendFileSync(${JSON.stringify(log)}, found.url + '\\n');
       return found;
     }`,
  );
  const start = put(
    'start.mjs',
    `import { appendFileSync } from 'node:fs';
     import { createRequire, register } from 'node:module';
     register(${JSON.stringify(pathToFileURL(hook).href)});
     const { cache } = createRequire(import.meta.url); // what was required, which the hook does not see
     process.on('exit', () => appendFileSync(${JSON.stringify(log)}, Object.keys(cache).join('\\n')));`,
  );
  const { code } = await gradcam(args, { nodeArgs: ['--import', pathToFileURL(start).href] });
  if (code !== 0) throw new Error(`gradcam ${args.join(' ')} ended with ${code}`);
  return readFileSync(log, 'utf8').split('\n');
}

describe('what is loaded', () => {
  it.each([[['--help']], [['--version']], [['compare', '--help']], [['help', 'compile']]])(
    '%j: nothing heavy',
    async (args) => {
      const loaded = await modulesLoadedBy(args);
      expect(loaded.length).toBeGreaterThan(5);
      expect(loaded.filter((url) => HEAVY.test(url))).toEqual([]);
    },
  );

  it('the hook sees what a working command loads', async () => {
    expect((await modulesLoadedBy(['doctor', '--json'])).some((url) => HEAVY.test(url))).toBe(true);
  });
});

describe('streams', () => {
  it('survives a reader that goes away', () => {
    const command = `"${process.execPath}" "${join(compiled(), 'bin/gradcam.js')}" layers runs/ce | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const output = execFileSync('bash', ['-c', command], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: root,
    });
    expect(output).toMatch(/^ +index +layer.*\n0\n$/);
  });

  it('prints JSON only on stdout, and no colours into pipes', async () => {
    const { stdout, stderr, code } = await gradcam(['layers', 'runs/ce', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toContainEqual(expect.objectContaining({ recommended: true }));
    expect(stdout + stderr).not.toContain('\u001b');
    expect((await gradcam(['layers', 'nowhere'], { env: { FORCE_COLOR: '1' } })).stderr).toContain('\u001b[31merror:');
  });
});

describe('compare', () => {
  const images = ['--images', 'samples/SYN_0001.jpg', '--engine', 'eager'];

  it('makes the report, and prints it with --json', async () => {
    const { path } = temporaryFolder();
    const { code, stdout, stderr } = await gradcam([
      'compare',
      '--models',
      'runs/ce',
      ...images,
      '--out',
      path,
      '--json',
    ]);
    expect(code).toBe(0);
    const report = JSON.parse(stdout) as Report;
    expect(report).toEqual(JSON.parse(readFileSync(join(path, 'report.json'), 'utf8')));
    expect(report.cells[0]).toMatchObject({ sample: 'SYN_0001', run: 'ce', map: 'maps/SYN_0001/ce.npy' });
    expect(report.options.engine).toMatch(/^(?!auto)[a-z-]+$/); // the one that was taken
    expect(existsSync(join(path, 'maps/SYN_0001/ce.npy'))).toBe(true);
    expect(existsSync(join(path, 'report.html'))).toBe(true);
    expect(stderr).toContain('maps: 100 %  1/1');
  });

  it('says that the output folder is a file, at once', async () => {
    const { put } = temporaryFolder();
    const out = put('out', 'a file');
    const { code, stderr } = await gradcam(['compare', '--models', 'runs/ce', ...images, '--out', out]);
    expect(code).toBe(1);
    expect(stderr).toBe(
      `error: cannot write ${out}: ${out} is a file, not a folder\n  to do:    write elsewhere, for example with --out\n`,
    );
  });

  it.for([
    ['full', 'size=300k', 'the disk is full'],
    ['read-only', 'ro', 'the file system is read-only'],
  ])('a %s disk: says so, names the file and leaves no temporary ones', ([, mount, reason], { skip }) => {
    const { path } = temporaryFolder();
    const command = [
      process.execPath,
      join(compiled(), 'bin/gradcam.js'),
      'compare',
      '--models',
      'runs/ce',
      '--images',
      'samples',
      '--out',
      `${path}/o`,
    ];
    const script = `mount -t tmpfs -o ${mount} tmpfs "$0" || exit 99; "$@"; code=$?; find "$0" -name '*.tmp'; exit $code`;
    const { status, stdout, stderr } = spawnSync('unshare', ['-rm', 'sh', '-c', script, path, ...command], {
      encoding: 'utf8',
      cwd: root,
    });
    if (status === 99 || status === null || stderr.startsWith('unshare:'))
      return skip('this machine lets nobody mount');
    expect(stderr).toMatch(new RegExp(`error: cannot write ${path}/o.*: ${reason}\\n`));
    expect([status, stdout]).toEqual([1, '']);
  });

  it.each([
    [['--layer', 'c=x'], 'unknown run "c"', 'did you mean "ce"?'],
    [['--layer', 'head_con.act'], 'has no layer "head_con.act"', 'head_conv.act'],
    [['--target', 'melano'], 'unknown class "melano"', 'did you mean "mel"?'],
  ])('%j: refused with the nearest', async (flags, what, how) => {
    const { path } = temporaryFolder();
    const { code, stderr } = await gradcam(['compare', '--models', 'runs/ce', ...images, '--out', path, ...flags]);
    expect(stderr).toContain(what);
    expect(stderr).toContain(how);
    expect(code).toBe(1);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s: ends with %i and leaves nothing half-written', async (signal, expected) => {
    const { path } = temporaryFolder();
    const stopAtFirstMap = (child: ChildProcess) => {
      child.stderr?.on('data', () => {
        if (existsSync(join(path, 'maps')) && !child.killed) child.kill(signal);
      });
    };
    const args = [
      'compare',
      '--models',
      'runs/ce',
      'runs/lmf',
      '--images',
      'samples',
      '--engine',
      'eager',
      '--batch',
      '1',
      '--out',
      path,
    ];
    const { code, stderr } = await gradcam(args, { whileRunning: stopAtFirstMap });
    expect(code).toBe(expected);
    expect(stderr).toContain('interrupted');
    expect(stderr).not.toContain('error');
    const left = readdirSync(path, { recursive: true, encoding: 'utf8' });
    expect(left.some((name) => name.endsWith('.npy'))).toBe(true);
    expect(left.filter((name) => name.endsWith('.tmp') || name.includes('report'))).toEqual([]);
  });
});

it('explains a picture whose name is full of traps', async () => {
  const { path, put } = temporaryFolder();
  const name = process.platform === 'win32' ? 'it’s ünï 日本.jpg' : `<script>alert("1")<|script> it's ünï.jpg`;
  const picture = put(name, readFileSync(join(import.meta.dirname, '../../samples/SYN_0001.jpg')));
  const { code, stdout } = await gradcam([
    'explain',
    'runs/ce',
    picture,
    '--engine',
    'eager',
    '--out',
    join(path, 'o u t'),
    '--json',
  ]);
  expect(code).toBe(0);
  const report = JSON.parse(stdout) as Report;
  const [cell] = report.cells;
  expect(report.samples[0]?.id).toBe(name.replace(/\.jpg$/, ''));
  expect(existsSync(join(path, 'o u t', cell?.map ?? ''))).toBe(true);
  // The command that the report names makes it again.
  const again = execFileSync('bash', ['-c', `gradcam() { printf '%s\\0' "$@"; }; ${report.command}`], {
    encoding: 'utf8',
  });
  expect(again.split('\0').slice(0, 3)).toEqual(['explain', 'runs/ce', picture]);
});
