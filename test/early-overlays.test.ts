// Overlays that are begun before their row is whole.
import { expect, test } from 'vitest';
import { EarlyOverlays, drawCell, type Cell, type EarlyCell } from '../src/cells.ts';
import type { Studio } from '../src/image/studio.ts';
import type { ReadRun } from '../src/runs.ts';

const head = { classes: ['a', 'b'], named: true, activation: 'softmax', logits: 2, logitScale: 1 } as const;
const run: Partial<ReadRun> = { id: 'ce', head };
const placement = { x: 0, y: 0, width: 4, height: 4 };
const mapOf = (...values: number[]) => ({ height: 1, width: values.length, data: Float32Array.from(values) });
const cellOf = (map: EarlyCell['map'], logits = [1, 2]): EarlyCell => ({
  ...{ sample: 's', dir: 's', method: 'gradcam', run: run as ReadRun, placement, map },
  logits: Float32Array.from(logits),
});

function setUp() {
  const drawn: (readonly [file: string, scaleMax: number])[] = [];
  const studio: Pick<Studio, 'overlay'> = {
    overlay(_, { file, scaleMax }) {
      drawn.push([file, scaleMax]);
      return Promise.resolve();
    },
  };
  const early = new EarlyOverlays();
  const settings = {
    ...({
      out: '/out',
      colormap: 'viridis',
      alpha: 0.5,
      methods: ['gradcam'],
      signed: false,
      similarTo: null,
    } as const),
    ...{ studio: studio as Studio, handle: {} as never, early },
  };
  const draw = (map: EarlyCell['map']) => {
    const report = { map: 'maps/s/ce.npy', placement } as Cell['report'];
    return drawCell({ report, stats: {} as never, overlay: 'overlays/s/ce.png' }, map, 3, settings);
  };
  return { drawn, early, settings, draw };
}

test('an overlay that was begun is not drawn again, and has the scale of its own map', async () => {
  const { drawn, early, settings, draw } = setUp();
  const map = mapOf(1, 3);
  early.begin(cellOf(map), 'per-map', settings);
  expect(await draw(map)).toMatchObject({ overlay: 'overlays/s/ce.png', scaleMax: 3 });
  expect(drawn).toEqual([['/out/overlays/s/ce.png', 3]]);
  await draw(map); // taken already: it is no longer there
  expect(drawn).toHaveLength(2);
});

test('a map that has come out otherwise meanwhile is drawn anew', async () => {
  const { drawn, early, settings, draw } = setUp();
  early.begin(cellOf(mapOf(1, 2)), 'per-map', settings);
  await draw(mapOf(1, 3));
  expect(drawn.map(([, scaleMax]) => scaleMax)).toEqual([2, 3]);
});

test('nothing is begun where there are no numbers', () => {
  const { drawn, early, settings } = setUp();
  early.begin(cellOf(mapOf(NaN, 2)), 'per-map', settings);
  early.begin(cellOf(mapOf(1, 2), [NaN, 1]), 'per-map', settings);
  expect(drawn).toEqual([]);
});
