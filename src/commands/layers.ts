// gradcam layers: the layers that a map can be taken at.
import type { Command } from 'commander';
import { printable } from '../lib/format.ts';
import { inputOf, parseInputs, type InputFlags } from '../input-options.ts';
import type { LayerList, ListedLayer } from '../layers.ts';
import type { Context } from './context.ts';
import { addInputOptions } from './maps.ts';
import { styleFor } from './style.ts';

interface LayersFlags extends InputFlags {
  readonly json?: boolean;
  readonly output?: string;
}

export function declareLayers(program: Command, context: Context): void {
  addInputOptions(program.command('layers'))
    .summary('list the layers of a model that a map can be taken at')
    .description(
      'Lists the layers of a model that a map can be taken at, marks the one that "auto" takes and says why.',
    )
    .argument('<model>', 'model file, or folder with a model in it')
    .option('--output <name>', 'of a model with several outputs, the one to explain')
    .option('--json', 'print an array of {index, name, op, shape, distance, recommended, aliases}')
    .action(async (model: string, flags: LayersFlags) => {
      const { json = false, output } = flags;
      const input = inputOf(parseInputs(flags), '*');
      const listModelLayers = await context.library('listModelLayers');
      const list = await listModelLayers(model, { output, input });
      const { stdout } = context;
      stdout.write(json ? `${JSON.stringify(list.layers, null, 2)}\n` : `${layerTable(list, context)}\n`);
    });
}

function layerTable({ layers, why, own, assumed }: LayerList, { stdout, env }: Context): string {
  const { green, dim } = styleFor(stdout, env);
  const rows = [['', 'index', 'layer', 'operator', 'shape', 'to logits'], ...layers.map(rowOf)];
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0))) ?? [];
  const lines = rows.map((row, i) => {
    const text = row.map((cell, k) =>
      k === 1 || k === 5 ? cell.padStart(widths[k] ?? 0) : cell.padEnd(widths[k] ?? 0),
    );
    const line = text.join('  ').trimEnd();
    if (i === 0) return dim(line);
    return layers[i - 1]?.recommended === true ? green(line) : line;
  });
  const recommended = layers.find((layer) => layer.recommended);
  if (recommended !== undefined) lines.push('', `* auto takes ${printable(recommended.name)}: ${why}.`);
  if (own !== null) lines.push(`  run.json of this model asks for ${printable(own)}.`);
  return [...lines, ...assumed.map((sentence) => `  ${printable(sentence)}`)].join('\n');
}

function rowOf({ index, name, op, shape, distance, recommended }: ListedLayer): string[] {
  return [recommended ? '*' : ' ', String(index), printable(name), op, shape.join(' x '), String(distance)];
}
