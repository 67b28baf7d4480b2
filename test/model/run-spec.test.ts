import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GradcamError } from '../../src/lib/errors.ts';
import { parseRunSpec, readRunSpec } from '../../src/model/run-spec.ts';
import { temporaryFolder } from '../lib/temporary-folder.ts';

const parse = (json: unknown) => parseRunSpec(json, 'runs/x/run.json');

describe('parseRunSpec', () => {
  it('reads the example of the documentation', () => {
    const json = {
      name: 'LMF',
      loss: 'lmf',
      classes: ['akiec', 'bcc'],
      input: {
        size: [224, 200],
        resize: 'squash',
        scale: [0, 1],
        mean: [0.485, 0.456, 0.406],
        std: [0.229, 0.224, 0.225],
        channels: 'rgb',
      },
      layer: 'layer4',
      logitScale: 30,
      architecture: 'resnet50',
      synthetic: true,
      metrics: { accuracy: 0.9 },
      recipe: { lr: 0.1 },
    };
    const { recipe, ...known } = json;
    expect(recipe).toBeDefined();
    expect(parse(json)).toEqual({ spec: { ...known, raw: json }, warnings: [] });
  });

  it('keeps absent what is absent or null', () => {
    expect(parse({ name: null, input: { size: null } })).toEqual({
      spec: { input: {}, raw: { name: null, input: { size: null } } },
      warnings: [],
    });
  });

  it('takes the short forms', () => {
    const { spec } = parse({ input: { size: 128, mean: 0.5, std: [2], channels: 'gray' }, layer: 7, classes: [0, 1] });
    expect(spec.input).toEqual({ size: [128, 128], mean: [0.5, 0.5, 0.5], std: [2, 2, 2], channels: 'grey' });
    expect(spec.layer).toBe('7');
    expect(spec.classes).toEqual(['0', '1']);
  });

  it.each([
    [{ name: 7 }, 'name', 'a text', '7'],
    [{ name: ' ' }, 'name', 'a text', '" "'],
    [{ classes: 'nv,mel' }, 'classes', 'a list of class names', '"nv,mel"'],
    [{ classes: [] }, 'classes', 'a list', '[]'],
    [{ classes: ['nv', {}] }, 'classes[1]', 'a class name', '{}'],
    [{ input: [224, 224] }, 'input', 'an object', '[224,224]'],
    [{ input: { size: [224] } }, 'input.size', '[height, width]', '[224]'],
    [{ input: { size: [224, 224, 3] } }, 'input.size', '[height, width]', '[224,224,3]'],
    [{ input: { size: 0.5 } }, 'input.size', 'in pixels', '0.5'],
    [{ input: { size: 1e9 } }, 'input.size', '16384', '1000000000'],
    [{ input: { resize: 'stretch' } }, 'input.resize', '"squash", "crop" or "pad"', '"stretch"'],
    [{ input: { scale: [1, 0] } }, 'input.scale', 'hi above lo', '[1,0]'],
    [{ input: { scale: 255 } }, 'input.scale', '[lo, hi]', '255'],
    [{ input: { mean: [1, 2] } }, 'input.mean', 'one or three numbers', '[1,2]'],
    [{ input: { std: [1, 1, 0] } }, 'input.std', 'above 0', '[1,1,0]'],
    [{ input: { channels: 'hsv' } }, 'input.channels', '"rgb"', '"hsv"'],
    [{ logitScale: 0 }, 'logitScale', 'a number above 0', '0'],
    [{ logitScale: '30' }, 'logitScale', 'a number', '"30"'],
    [{ synthetic: 'yes' }, 'synthetic', 'true or false', '"yes"'],
    [{ metrics: [1] }, 'metrics', 'an object', '[1]'],
    [{ layer: 1.5 }, 'layer', 'a name', '1.5'],
  ])('%j: says that %s is wrong', (json, field, expected, found) => {
    try {
      parse(json);
    } catch (error) {
      if (!(error instanceof GradcamError)) throw error;
      expect(error.code).toBe('bad-run-json');
      expect(error.parts.what).toBe(`runs/x/run.json: the field "${field}" is wrong`);
      expect(error.parts.expected).toContain(expected);
      expect(error.parts.found).toBe(found);
      return;
    }
    throw new Error('accepted');
  });

  it('refuses a file that is not an object', () => {
    expect(() => parse([1])).toThrow('runs/x/run.json is not a run.json');
  });

  it('warns of names that are nearly ours, and of no others', () => {
    const { warnings } = parse({
      logit_scale: 30,
      Classes: ['a'],
      input: { means: 0 },
      layerModule: 'x',
      opset: 17,
      notes: '',
    });
    expect(warnings).toHaveLength(3);
    expect(warnings.join('\n')).toContain('"logit_scale" has no meaning here; was "logitScale" meant?');
    expect(warnings.join('\n')).toContain('"Classes" has no meaning here; was "classes" meant?');
    expect(warnings.join('\n')).toContain('"input.means" has no meaning here; was "input.mean" meant?');
  });

  it('warns of a mean that no pixel can have', () => {
    expect(parse({ input: { mean: [123.7, 116.3, 103.5] } }).warnings[0]).toContain('input.mean holds 123.7');
    expect(parse({ input: { mean: 123.7, scale: [0, 255] } }).warnings).toEqual([]);
    expect(parse({ input: { mean: -0.5, scale: [-1, 1] } }).warnings).toEqual([]);
  });

  it('warns of a class that stands twice', () => {
    expect(parse({ classes: ['nv', 'mel', 'nv'] }).warnings[0]).toContain('"nv" stands twice');
  });

  it('gives a spec or a GradcamError for any JSON', () => {
    const field = fc.constantFrom('name', 'classes', 'input', 'layer', 'logitScale', 'metrics', '__proto__');
    fc.assert(
      fc.property(fc.dictionary(field, fc.jsonValue({ maxDepth: 2 })), (json) => {
        try {
          expect(parse(json).spec.raw).toEqual(json);
        } catch (error) {
          expect(error).toBeInstanceOf(GradcamError);
        }
      }),
    );
  });
});

describe('readRunSpec', () => {
  const named = (name: string) => JSON.stringify({ name });

  it('takes run.json of a folder, and of the folder of a single model', async () => {
    const { path, put } = temporaryFolder();
    put('run.json', named('folder'));
    const model = put('model.onnx');
    put('model.onnx.data');
    put('notes.txt');
    expect((await readRunSpec(path)).spec.name).toBe('folder');
    expect((await readRunSpec(model)).spec.name).toBe('folder');
    put('model.h5'); // the same network again
    expect((await readRunSpec(model)).spec.name).toBe('folder');
  });

  it('is empty where there is nothing', async () => {
    const { path } = temporaryFolder();
    expect(await readRunSpec(path)).toEqual({ spec: { raw: {} }, warnings: [] });
  });

  it('takes the file of the same stem among several models, and says when it takes none', async () => {
    const { put } = temporaryFolder();
    put('run.json', named('folder'));
    put('a.json', named('a'));
    put('b.json', named('b'));
    put('b.run.json', named('b, its own'));
    expect((await readRunSpec(put('a.onnx'))).spec.name).toBe('a');
    expect((await readRunSpec(put('b.onnx'))).spec.name).toBe('b, its own');
    const { spec, warnings } = await readRunSpec(put('c.onnx'));
    expect(spec).toEqual({ raw: {} });
    expect(warnings[0]).toContain('its folder holds 3 models');
  });

  it('does not take a TensorFlow.js model.json for what is said about model.onnx', async () => {
    const { put } = temporaryFolder();
    put('model.json', '{"modelTopology": {}, "name": 1}');
    put('run.json', named('folder'));
    expect((await readRunSpec(put('model.onnx'))).spec.name).toBe('folder');
  });

  it('says line and column of broken JSON', async () => {
    const { path, put } = temporaryFolder();
    put('run.json', '{\n  "name": "x"\n  "loss": "ce"\n}');
    await expect(readRunSpec(path)).rejects.toMatchObject({
      code: 'bad-run-json',
      parts: { what: `${join(path, 'run.json')}, line 3, column 3: this is not JSON`, expected: ', or }' },
    });
  });

  it('reads comments, and says so', async () => {
    const { path, put } = temporaryFolder();
    put('run.json', '{ "name": "x" } // label');
    const { spec, warnings } = await readRunSpec(path);
    expect(spec.name).toBe('x');
    expect(warnings[0]).toContain('not strict JSON (comments)');
  });

  it('reads the runs of the demo without a warning', async ({ skip }) => {
    const demo = join(import.meta.dirname, '../../../shared/fixtures/demo/runs');
    if (!existsSync(demo)) skip('no demo runs here');
    for (const id of ['ce', 'focal', 'ldam', 'lmf']) {
      const { spec, warnings } = await readRunSpec(join(demo, id));
      expect(warnings).toEqual([]);
      expect(spec).toMatchObject({ loss: id, synthetic: true, input: { size: [128, 128], resize: 'squash' } });
    }
  });
});
