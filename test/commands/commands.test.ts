import { describe, expect, it, vi } from 'vitest';
import { tellFailure } from '../../src/commands/failure.ts';
import { openOnDesktop } from '../../src/commands/open.ts';
import { styleFor } from '../../src/commands/style.ts';
import { GradcamError } from '../../src/lib/errors.ts';
import { cellWith, recorder, reportWith, run } from './fake-context.ts';

describe('compare and explain', () => {
  const compareLike = ['compare', '--models', 'runs/ce', 'runs/lmf', '--images', 'samples'];

  it('hand the options on, checked and with the command line', async () => {
    const compare = vi.fn().mockResolvedValue(reportWith({}));
    const flags = [
      '--layer',
      'lmf=features.7',
      '--layer',
      'layer4',
      '--method',
      'gradcam,layercam',
      '--alpha',
      '0.3',
      '--single-file',
    ];
    const { code } = await run([...compareLike, ...flags], { compare });
    expect(code).toBe(0);
    expect(compare.mock.calls[0]?.[0]).toMatchObject({
      models: ['runs/ce', 'runs/lmf'],
      images: ['samples'],
      layer: ['lmf=features.7', 'layer4'],
      method: ['gradcam', 'layercam'],
      alpha: 0.3,
      batch: 8,
      out: './out',
      singleFile: true,
      command: `gradcam ${[...compareLike, ...flags].join(' ')}`,
    });
  });

  it('take one model and its pictures', async () => {
    const compare = vi.fn().mockResolvedValue(reportWith({}));
    await run(['explain', 'model.onnx', 'a b.jpg', 'c.jpg', '--layer', 'x', '--target', '3'], { compare });
    expect(compare.mock.calls[0]?.[0]).toMatchObject({
      models: ['model.onnx'],
      images: ['a b.jpg', 'c.jpg'],
      target: '3',
      command: "gradcam explain model.onnx 'a b.jpg' c.jpg --layer x --target 3",
    });
  });

  it('print a summary and where the report is, notes apart', async () => {
    const report = reportWith({
      cells: [cellWith('m.npy'), cellWith(null)],
      skipped: [{ path: 'x', reason: 'y' }],
      warnings: ['Synthetic data.'],
    });
    const { stdout, stderr } = await run([...compareLike, '--out', 'o'], { compare: () => Promise.resolve(report) });
    expect(stdout).toBe('0 runs, 0 samples, 1 map in 3.2 s, 1 without a map, 1 skipped\no/report.html\n');
    expect(stderr).toBe('note: Synthetic data.\n');
  });

  it('print the report as JSON, and nothing else', async () => {
    const report = reportWith({});
    const { stdout } = await run([...compareLike, '--json'], { compare: () => Promise.resolve(report) });
    expect(JSON.parse(stdout)).toEqual(report);
  });

  it('print the path only when quiet', async () => {
    const report = reportWith({ warnings: ['Synthetic data.'] });
    const { stdout, stderr } = await run([...compareLike, '--quiet'], { compare: () => Promise.resolve(report) });
    expect([stdout, stderr]).toEqual(['./out/report.html\n', '']);
  });

  it('fail where no map could be made, with the report on disk', async () => {
    const report = reportWith({ cells: [cellWith(null, 'The logits are not numbers.')] });
    const { code, stdout, stderr } = await run(compareLike, { compare: () => Promise.resolve(report) });
    expect(code).toBe(1);
    expect(stdout).toContain('report.html');
    expect(stderr).toContain('no map could be made\n  found:    The logits are not numbers.');
  });

  it.each([
    [['--colormap', 'virdis'], 'unknown colormap "virdis"', 'did you mean "viridis"'],
    [['--method', 'gradcam,laercam'], 'unknown method "laercam"', '"layercam"'],
    [['--scale', 'permap'], 'unknown scale "permap"', '"per-map"'],
    [['--engine', 'gpu'], 'unknown engine "gpu"', 'webgpu'],
    [['--alpha', '1.5'], 'the option alpha is wrong', 'a number, 0 to 1'],
    [['--alpha', 'half'], 'the option alpha is wrong', 'found:    half'],
    [['--batch', '0'], 'the option batch is wrong', 'a whole number, 1 to'],
    [['--batch', '2.5'], 'the option batch is wrong', 'found:    2.5'],
    [['--threads', '-1'], 'the option threads is wrong', 'a whole number'],
    [['--layer', 'a', '--layer', 'b'], 'the option layer is wrong', 'a and b'],
    [['--layer', 'lmf='], 'the option layer is wrong', 'a text'],
    [['--modles', 'x'], "unknown option '--modles'", 'did you mean --models?'],
    [['--out'], "option '--out <folder>' argument missing", 'gradcam compare --help'],
  ])('refuse %j before anything is loaded', async (flags, what, how) => {
    const { code, stdout, stderr, isLibraryLoaded } = await run([...compareLike, ...flags]);
    expect(stderr).toContain(`error: ${what}`);
    expect(stderr).toContain(how);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect([code, stdout, isLibraryLoaded]).toEqual([1, '', false]);
  });

  it.each([
    [['compare'], '--models is missing'],
    [['compare', '--models', 'runs/ce'], '--images is missing'],
    [['compare', 'runs/ce', '--images', 'x'], 'Paths go after an option'],
    [['explain', 'model.onnx'], "missing required argument 'image'"],
    [['compre'], "unknown command 'compre'"],
  ])('%j: says what is missing', async (args, what) => {
    const { code, stderr } = await run(args);
    expect(stderr).toContain(what);
    expect(code).toBe(1);
  });
});

describe('layers', () => {
  const layers = [
    { index: 0, name: 'conv1', aliases: [], op: 'Conv', shape: [64, 64, 16], distance: 9, recommended: false },
    {
      index: 12,
      name: 'layer4\u001b[2J',
      aliases: ['y'],
      op: 'Relu',
      shape: [7, 7, 2048],
      distance: 3,
      recommended: true,
    },
  ] as const;
  const listModelLayers = () => Promise.resolve({ layers, why: 'the last one', own: 'conv1', assumed: ['Size 224.'] });

  it('mark the recommended one and say why', async () => {
    const { stdout } = await run(['layers', 'm.onnx'], { listModelLayers });
    expect(stdout.split('\n')).toEqual([
      '   index  layer            operator  shape         to logits',
      '       0  conv1            Conv      64 x 64 x 16          9',
      '*     12  layer4\\u001b[2J  Relu      7 x 7 x 2048          3',
      '',
      '* auto takes layer4\\u001b[2J: the last one.',
      '  run.json of this model asks for conv1.',
      '  Size 224.',
      '',
    ]);
  });

  it('print an array as JSON', async () => {
    const { stdout } = await run(['layers', 'm.onnx', '--json'], { listModelLayers });
    expect(JSON.parse(stdout)).toEqual(layers);
  });
});

describe('compile', () => {
  const compiled = {
    file: 'o.onnx',
    layer: { name: 'layer4', shape: [7, 7, 512] },
    method: 'gradcam',
    inputs: [{ name: 'input', dtype: 'float32', shape: [1, 3, 224, 224] }],
    outputs: [{ name: 'heatmap', dtype: 'float32', shape: [1, 7, 7] }],
    prepare: {
      size: [224, 224],
      resize: 'squash',
      scale: [0, 1],
      mean: [0, 0, 0],
      std: [1, 1, 1],
      channels: 'rgb',
      layout: 'nchw',
    },
    assumed: [],
  } as const;

  it('hands the options on and describes the file', async () => {
    const compileModel = vi.fn().mockResolvedValue(compiled);
    const { code, stdout } = await run(['compile', 'm', '-o', 'o.onnx', '--layer', 'layer4', '--batch', '4'], {
      compileModel,
    });
    expect(code).toBe(0);
    expect(compileModel.mock.calls).toEqual([['m', { out: 'o.onnx', layer: 'layer4', method: 'gradcam', batch: 4 }]]);
    expect(stdout).toContain('heatmap  float32 [1, 7, 7]');
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('o.onnx');
    expect(JSON.parse((await run(['compile', 'm', '-o', 'o.onnx', '--json'], { compileModel })).stdout)).toEqual(
      compiled,
    );
  });

  it('needs a file to write', async () => {
    expect((await run(['compile', 'm'])).stderr).toContain("required option '-o, --out <file.onnx>' not specified");
  });
});

it('doctor says what runs and why the rest does not', async () => {
  const engines = [
    { id: 'cpu', title: 'CPU', available: true },
    { id: 'cuda', title: 'CUDA', available: 'not installed' },
  ] as const;
  const listEngines = () => Promise.resolve([...engines]);
  const { stdout } = await run(['doctor'], { listEngines });
  expect(stdout).toMatch(/^gradcam \d+\.\d+\.\d+, Node /);
  expect(stdout).toContain('yes  cpu   CPU\n');
  expect(stdout).toContain('no   cuda  CUDA\n           not installed\n');
  expect(JSON.parse((await run(['doctor', '--json'], { listEngines })).stdout)).toEqual(engines);
});

describe('tellFailure', () => {
  function told(error: unknown, env: Record<string, string> = {}) {
    const stderr = recorder();
    const code = tellFailure(error, { stderr, env, argv: ['compare', '--models', 'a b'] });
    return { code, text: stderr.text() };
  }

  it('prints one block for what the user can mend', () => {
    const error = new GradcamError({
      code: 'x',
      what: 'no such\u001b[2J layer',
      hint: 'look',
      cause: new Error('inner'),
    });
    expect(told(error)).toEqual({ code: 1, text: 'error: no such\\u001b[2J layer\n  to do:    look\n' });
  });

  it('prints stack and cause for whoever debugs', () => {
    const { code, text } = told(new GradcamError({ code: 'x', what: 'outer', cause: new Error('inner') }), {
      GRADCAM_DEBUG: '1',
    });
    expect(code).toBe(1);
    expect(text).toMatch(/error: outer\n +at [^]+caused by: inner\n +at /);
  });

  it.each([
    new TypeError('undefined is not a function'),
    new GradcamError({ code: 'x', what: 'ours', exitCode: 2 }),
    'a text',
    null,
  ])('says of %s how to report it', (error) => {
    const { code, text } = told(error);
    expect(code).toBe(2);
    expect(text).toMatch(/^error: /);
    expect(text).toMatch(/This is a defect of gradcam \d+\.\d+\.\d+ \(Node \d+/);
    expect(text).toContain("  gradcam compare --models 'a b'\n");
  });

  it('takes a full disk for a full disk, wherever it was met', () => {
    const error = Object.assign(new Error('ENOSPC: no space left on device'), {
      code: 'ENOSPC',
      syscall: 'write',
      path: 'out/x',
    });
    const { code, text } = told(error);
    expect(code).toBe(1);
    expect(text).toContain('error: cannot write out/x: the disk is full');
  });
});

describe('styleFor', () => {
  const red = (isTTY: boolean, env: Record<string, string>) => styleFor(recorder({ isTTY }), env).red('x') !== 'x';

  it.each([
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [false, { FORCE_COLOR: '1' }, true],
    [true, { FORCE_COLOR: '0' }, false],
    [true, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
    [true, { TERM: 'dumb' }, false],
  ])('terminal %s, %j: colours %s', (isTTY, env, expected) => {
    expect(red(isTTY, env)).toBe(expected);
  });
});

it('says why a file could not be opened', async () => {
  const path = process.env.PATH;
  process.env.PATH = '/nowhere';
  try {
    expect(await openOnDesktop('x.html', 'linux')).toContain('xdg-open');
  } finally {
    process.env.PATH = path;
  }
});

describe('figure', () => {
  const made = {
    files: ['o/figure.pdf'],
    width: 88.9,
    height: 40.25,
    dpi: 300,
    samples: ['a'],
    selection: '1 of 2 samples, chosen by hand',
    caption: '',
    command: '',
    warnings: ['cut \u001b[31m'],
  };

  it('hands its options on and prints what was made, notes apart', async () => {
    const makeFigure = vi.fn().mockResolvedValue(made);
    const args = ['figure', 'o/report.json', '--samples', 'a', '--columns', 'input, lmf', '--venue', 'ieee1', '--mask'];
    const { code, stdout, stderr } = await run(args, { makeFigure });
    expect(code).toBe(0);
    expect(makeFigure.mock.calls[0]?.[0]).toEqual({
      report: 'o/report.json',
      samples: 'a',
      columns: ['input', 'lmf'],
      venue: 'ieee1',
      mask: true,
      command: "gradcam figure o/report.json --samples a --columns 'input, lmf' --venue ieee1 --mask",
    });
    expect(stdout).toBe('88.9 x 40.3 mm at 300 dpi: 1 of 2 samples, chosen by hand\no/figure.pdf\n');
    expect(stderr).toBe('note: cut \\u001b[31m\n');
    const { stdout: json } = await run([...args, '--json'], { makeFigure });
    expect(JSON.parse(json)).toEqual(made);
  });

  it('tells of wrong options before it loads anything', async () => {
    const { code, stderr, isLibraryLoaded } = await run(['figure', 'r.json', '--font-size', '5']);
    expect([code, isLibraryLoaded]).toEqual([1, false]);
    expect(stderr).toContain('font-size');
  });
});
