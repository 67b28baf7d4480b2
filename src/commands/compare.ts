// gradcam compare: attention maps of every run for every picture.
import type { Command } from 'commander';
import { GradcamError } from '../lib/errors.ts';
import type { Context } from './context.ts';
import { addMapOptions, makeMaps, type MapFlags } from './maps.ts';

export function declareCompare(program: Command, context: Context): void {
  const command = program
    .command('compare')
    .summary('compare what several models look at, picture by picture')
    .description('Makes attention maps of every run for every picture, overlays, report.html and report.json.')
    // Not `requiredOption`: its complaint would come before the one about a misspelt --models.
    .option('--models <path...>', 'model files, or folders with a model in each (required)')
    .option('--images <path...>', 'pictures, folders of pictures, or patterns (required)');
  addMapOptions(command)
    .addHelpText('after', '\nExample:\n  gradcam compare --models ./runs/* --images ./samples --open')
    .action(async ({ models, images, ...flags }: MapFlags & { models?: string[]; images?: string[] }) => {
      if (models === undefined) throw missing('--models');
      if (images === undefined) throw missing('--images');
      await makeMaps({ models, images }, flags, context);
    });
}

function missing(option: string): GradcamError {
  return new GradcamError({
    code: 'missing-option',
    what: `${option} is missing`,
    expected: 'models and pictures to compare',
    hint: 'for example: gradcam compare --models ./runs/* --images ./samples',
  });
}
