import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { collectRuns } from '../../src/data/models.ts';
import { temporaryFolder } from '../lib/temporary-folder.ts';

const isModelName = (name: string) => name === 'model.json' || /\.(onnx|h5)$/.test(name);
const holdsModel = async (folder: string) => (await readdir(folder).catch(() => [])).some(isModelName);

function folderWith(...names: string[]) {
  const { path, put } = temporaryFolder();
  for (const name of names) put(name);
  return async (...paths: string[]) => {
    const { runs, notes, skipped } = await collectRuns(
      paths.map((name) => join(path, name)),
      { isModelName, holdsModel },
    );
    return {
      ids: runs.map(({ id }) => id),
      paths: runs.map((run) => run.path.slice(path.length + 1).replaceAll('\\', '/')),
      notes,
      skipped,
    };
  };
}

describe('collectRuns', () => {
  it('names runs after their folders, and files after themselves', async () => {
    const collect = folderWith('runs/ce/model.onnx', 'runs/lmf/model.json', 'best.onnx', 'v1.2/x.onnx');
    expect((await collect('runs/lmf', 'runs/ce', 'best.onnx', 'v1.2')).ids).toEqual(['lmf', 'ce', 'best', 'v1.2']);
    expect((await collect('runs/ce/model.onnx', 'runs/lmf/model.json')).ids).toEqual(['ce', 'lmf']);
  });

  it('expands patterns and leaves out what is no model', async () => {
    const collect = folderWith('runs/ce/model.onnx', 'runs/lmf/model.onnx', 'runs/README.md');
    const { ids, notes } = await collect('runs/*');
    expect(ids).toEqual(['ce', 'lmf']);
    expect(notes[0]).toContain('Not models by their names, left out:');
  });

  it('takes a folder of runs for its runs', async () => {
    const collect = folderWith('runs/run10/model.onnx', 'runs/run2/model.onnx', 'runs/notes/x.txt', 'runs/README.md');
    expect(await collect('runs')).toEqual({
      ids: ['run2', 'run10'],
      paths: ['runs/run2', 'runs/run10'],
      notes: [],
      skipped: [],
    });
  });

  it('names what is missing and takes the rest', async () => {
    const collect = folderWith('ce/model.onnx');
    const { ids, skipped } = await collect('ce', 'gone');
    expect(ids).toEqual(['ce']);
    expect(skipped).toMatchObject([{ reason: expect.stringContaining('there is nothing at') as string }]);
  });

  it('tells runs of one name apart, and takes one named twice once', async () => {
    const collect = folderWith('a/lmf/model.onnx', 'b/lmf/model.onnx');
    expect((await collect('a/lmf', 'b/lmf', 'a/lmf')).ids).toEqual(['a_lmf', 'b_lmf']);
  });

  it('leaves a single odd path to the loaders', async () => {
    const collect = folderWith('x.txt', 'empty/y.txt');
    expect((await collect('x.txt')).paths).toEqual(['x.txt']);
    expect((await collect('empty')).paths).toEqual(['empty']);
  });

  it('fails for what is not there', async () => {
    const collect = folderWith('a.md', 'b.md');
    await expect(collect('nowhere')).rejects.toMatchObject({ code: 'models-not-found' });
    await expect(collect('nowhere/*')).rejects.toMatchObject({ code: 'no-match' });
    await expect(collect('a.md', 'b.md')).rejects.toMatchObject({ code: 'no-models' });
    await expect(collect('gone', 'away')).rejects.toThrow(
      /found: +there is nothing at .*gone, there is nothing at .*away/,
    );
  });
});
