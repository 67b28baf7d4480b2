// The synthetic demo set, drawn on first use.
import type { DatasetFormat } from '../dataset.ts';
import { fitClasses } from '../dataset.ts';
import { openDemo } from '../demo/demo.ts';

export const demo: DatasetFormat = {
  id: 'demo',
  title: 'Synthetic dermoscopy, drawn by this program',
  async open({ root, demo, classes, onProgress }) {
    const dataset = await openDemo({ root, ...demo, onProgress });
    return classes === undefined ? dataset : fitClasses(dataset, classes, 'the list of classes given');
  },
};
