// gradcam compare: attention maps of every run for every picture.
import type { Command } from 'commander';
import type { Context } from './context.ts';
import { addMapOptions, makeMaps, type MapFlags } from './maps.ts';

export function declareCompare(program: Command, context: Context): void {
  const command = program
    .command('compare')
    .summary('compare what several models look at, picture by picture')
    .description('Makes attention maps of every run for every picture, overlays, report.html and report.json.')
    .requiredOption('--models <path...>', 'model files, or folders with a model in each')
    .requiredOption('--images <path...>', 'pictures, folders of pictures, or patterns');
  addMapOptions(command)
    .addHelpText('after', '\nExample:\n  gradcam compare --models ./runs/* --images ./samples --open')
    .action(async ({ models, images, ...flags }: MapFlags & { models: string[]; images: string[] }) => {
      await makeMaps({ models, images }, flags, context);
    });
}
