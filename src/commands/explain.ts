// gradcam explain: attention maps of one model.
import type { Command } from 'commander';
import type { Context } from './context.ts';
import { addMapOptions, makeMaps, type MapFlags } from './maps.ts';

export function declareExplain(program: Command, context: Context): void {
  const command = program
    .command('explain')
    .summary('show what one model looks at')
    .description('Makes attention maps and overlays of one model, with the same report as compare.')
    .argument('<model>', 'model file, or folder with a model in it')
    .argument('<image...>', 'pictures, folders of pictures, or patterns');
  addMapOptions(command)
    .addHelpText('after', '\nExample:\n  gradcam explain model.onnx photo.jpg --target predicted')
    .action(async (model: string, images: string[], flags: MapFlags) => {
      await makeMaps({ models: [model], images }, flags, context);
    });
}
