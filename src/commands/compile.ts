// gradcam compile: forward pass, gradient and map as one ONNX file.
import type { Command } from 'commander';
import { methodIds } from '../cam/ids.ts';
import type { Compiled } from '../compile.ts';
import { cleanTemporaryFiles } from '../lib/files.ts';
import { printable } from '../lib/format.ts';
import { requireChoice, requireCount } from '../lib/options.ts';
import type { Context } from './context.ts';
import { inputOf, parseInputs, type InputFlags } from '../input-options.ts';
import { addInputOptions, numberOf } from './maps.ts';

interface CompileFlags extends InputFlags {
  readonly out: string;
  readonly layer?: string;
  readonly method: string;
  readonly batch: number;
  readonly output?: string;
  readonly json?: boolean;
}

export function declareCompile(program: Command, context: Context): void {
  const command = program.command('compile');
  addInputOptions(command)
    .summary('write one ONNX file that returns logits and heatmap together')
    .description(
      'Writes a model and its attention map as one ONNX file for any ONNX Runtime: Python, C++, browser, phone.',
    )
    .argument('<model>', 'model file, or folder with a model in it')
    .requiredOption('-o, --out <file.onnx>', 'file to write')
    .option('--layer <layer>', 'layer to take the map at: auto, a name, module, glob or index')
    .option('--method <id>', `CAM method: ${methodIds.join(', ')}`, 'gradcam')
    .option('--batch <n>', 'pictures at a time; fixed in the file', numberOf('batch'), 1)
    .option('--output <name>', 'of a model with several outputs, the one to explain')
    .option('--json', 'print {file, layer, method, inputs, outputs, prepare, assumed}')
    .addHelpText('after', '\nExample:\n  gradcam compile runs/lmf -o lmf-gradcam.onnx')
    .action(async (model: string, { json = false, ...flags }: CompileFlags) => {
      const method = requireChoice('method', flags.method, methodIds);
      const input = inputOf(parseInputs(flags), '*');
      const batch = requireCount('batch', flags.batch, 1024);
      context.atInterrupt(() => cleanTemporaryFiles());
      const compileModel = await context.library('compileModel');
      const compiled = await compileModel(model, { ...flags, method, batch, input });
      context.stdout.write(json ? `${JSON.stringify(compiled, null, 2)}\n` : `${describe(compiled)}\n`);
    });
}

function describe({ file, layer, method, inputs, outputs, prepare, assumed }: Compiled): string {
  const { size, resize, scale, mean, std, channels, layout } = prepare;
  const port = ({ name, dtype, shape }: Compiled['inputs'][number]) =>
    `${name}  ${dtype} [${shape.map((dim) => dim ?? '?').join(', ')}]`;
  return [
    `${method} at ${printable(layer.name)} (${layer.shape.join(' x ')})`,
    ...inputs.map((input) => `  in   ${printable(port(input))}`),
    ...outputs.map((output) => `  out  ${printable(port(output))}`),
    `pictures: ${resize} to ${size.join(' x ')}, ${channels}, ${layout}, 0..255 onto ${scale.join('..')}, minus [${mean.join(', ')}], over [${std.join(', ')}]`,
    'class_index -1 explains the model’s own top class',
    ...assumed.map(printable),
    file,
  ].join('\n');
}
