// PNG: the SVG drawn at the asked resolution.
import { rasterizeSvg } from '../../image/codec.ts';
import { millimetresPerInch } from '../drawing.ts';
import type { FigureFormat } from '../format.ts';
import { svgOf } from './svg.ts';

export const png: FigureFormat = {
  id: 'png',
  title: 'PNG at the asked resolution',
  async files(figure) {
    const { width, height, dpi } = figure.drawing;
    const [across, down] = [width, height].map((length) => String(Math.round((length / millimetresPerInch) * dpi)));
    const text = await svgOf({ ...figure, quality: null }, across!, down!);
    return [{ suffix: '.png', data: await rasterizeSvg(text, dpi) }];
  },
};
