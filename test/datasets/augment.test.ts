// Augmentations: what nothing changes, what twice undoes, statistics of what is drawn, mixup's shares.
import { describe, expect, it } from 'vitest';
import { placed, unchanged, type Plan } from '../../src/datasets/augment/augmentation.ts';
import { beta, drawMix } from '../../src/datasets/augment/mixup.ts';
import { renderRow } from '../../src/datasets/augment/render.ts';
import { augmentPresets, augmentations, drawPlan, settleAugment } from '../../src/datasets/augmentations.ts';
import type { PrepareSpec } from '../../src/image/picture.ts';
import { fitPicture, prepareInput } from '../../src/image/prepare.ts';
import { Random } from '../../src/lib/random.ts';
import { waves } from '../image/pictures.ts';

const spec: PrepareSpec = {
  size: [12, 16],
  resize: 'squash',
  scale: [0, 1],
  mean: [0.5, 0.4, 0.3],
  std: [0.2, 0.3, 0.25],
  channels: 'rgb',
  layout: 'nchw',
};
const raw: PrepareSpec = { ...spec, scale: [0, 255], mean: [0, 0, 0], std: [1, 1, 1] };
const picture = waves(40, 30);

function render(plan: Plan, chosen = spec): Float32Array {
  const out = new Float32Array(12 * 16 * (chosen.channels === 'grey' ? 1 : 3));
  renderRow({ width: 16, height: 12, rgb: fitPicture(picture, chosen).rgb }, plan, chosen, out);
  return out;
}

/** Largest difference. */
function distance(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

describe('render', () => {
  it.each([
    spec,
    { ...spec, layout: 'nhwc' as const },
    { ...spec, channels: 'bgr' as const },
    { ...spec, channels: 'grey' as const, mean: [0.5], std: [0.2] },
  ])('without a plan gives exactly the input of inference: $channels $layout', (chosen) => {
    expect(render(unchanged, chosen)).toEqual(prepareInput(picture, chosen).data);
  });

  it('mirrors exactly, and twice is nothing', () => {
    const mirror = placed(unchanged, [-1, 0, 0, 0, 1, 0]);
    const mirrored = render(mirror);
    expect(mirrored[0]).toBe(render(unchanged)[15]);
    expect(placed(mirror, [-1, 0, 0, 0, 1, 0]).place.map((value) => value + 0)).toEqual(unchanged.place);
  });

  it('samples what a mirror copies, and a place a hair off the identity gives the picture', () => {
    const near = (plan: Plan): Plan => ({
      ...plan,
      place: plan.place.map((v, i) => (i === 2 ? v + 1e-9 : v)) as never,
    });
    expect(distance(render(near(unchanged)), render(unchanged))).toBeLessThan(1e-6);
    const mirror = placed(unchanged, [-1, 0, 0, 0, -1, 0]);
    expect(distance(render(near(mirror)), render(mirror))).toBeLessThan(1e-6);
  });

  it('turns a square picture by a quarter exactly', () => {
    const size = 4;
    const rgb = Uint8Array.from({ length: size * size * 3 }, (_, i) => i * 5);
    const square: PrepareSpec = { ...raw, size: [size, size] };
    const out = new Float32Array(size * size * 3);
    // Output (x, y) looks at (-y, x): row j, column i shows row i, column 3 - j.
    renderRow({ width: size, height: size, rgb }, placed(unchanged, [0, -1, 0, 1, 0, 0]), square, out);
    for (let j = 0; j < size; j++)
      for (let i = 0; i < size; i++) expect(out[j * size + i]).toBeCloseTo(rgb[(i * size + (size - 1 - j)) * 3]!, 4);
  });

  it('reflects at the borders', () => {
    const rgb = Uint8Array.of(10, 10, 10, 20, 20, 20, 30, 30, 30, 40, 40, 40);
    const line: PrepareSpec = { ...raw, size: [1, 4] };
    const out = new Float32Array(12);
    // One pixel to the right of each: aspect 4, a pixel is 2 wide. Beyond the last there is the last again.
    renderRow({ width: 4, height: 1, rgb }, placed(unchanged, [1, 0, 2, 0, 1, 0]), line, out);
    expect([...out.subarray(0, 4)]).toEqual([20, 30, 40, 40]);
  });

  it('keeps greys whatever saturation and hue, and the mean grey whatever the contrast', () => {
    const rgb = Uint8Array.from({ length: 12 * 16 * 3 }, (_, i) => 40 + (Math.floor(i / 3) % 150));
    const out = new Float32Array(rgb.length);
    const before = new Float32Array(rgb.length);
    renderRow({ width: 16, height: 12, rgb }, unchanged, raw, before);
    renderRow({ width: 16, height: 12, rgb }, { ...unchanged, saturation: 0.3, hue: 1 }, raw, out);
    expect(distance(out, before)).toBeLessThan(0.02);
    renderRow({ width: 16, height: 12, rgb }, { ...unchanged, contrast: 0.5 }, raw, out);
    const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(out)).toBeCloseTo(mean(before), 3);
  });

  it('multiplies by brightness, makes grey without saturation, a full turn of hue changes nothing', () => {
    const plain = render(unchanged, raw);
    const half = render({ ...unchanged, brightness: 0.5 }, raw);
    expect(
      distance(
        half,
        plain.map((value) => value / 2),
      ),
    ).toBeLessThan(1e-4);
    const grey = render({ ...unchanged, saturation: 0 }, raw);
    expect(distance(grey.subarray(0, 192), grey.subarray(192, 384))).toBeLessThan(1e-4);
    expect(distance(render({ ...unchanged, hue: 2 * Math.PI }, raw), plain)).toBeLessThan(1e-3);
    // A third of a turn makes red green, roughly: the luma stays.
    const turned = render({ ...unchanged, hue: 0.3 }, { ...raw, channels: 'grey', mean: [0], std: [1] });
    const luma = render(unchanged, { ...raw, channels: 'grey', mean: [0], std: [1] });
    expect(distance(turned, luma)).toBeLessThan(1.5);
  });

  it('changes normalised values by gain and offset', () => {
    const plain = render(unchanged);
    const changed = render({ ...unchanged, gain: 1.1, offset: -0.2 });
    expect(
      distance(
        changed,
        plain.map((value) => value * 1.1 - 0.2),
      ),
    ).toBeLessThan(1e-6);
  });
});

describe('plans', () => {
  const plansOf = (options: Parameters<typeof settleAugment>[0], count = 2000) =>
    Array.from({ length: count }, (_, position) => drawPlan(settleAugment(options), 1.5, 7, 0, position));

  it('are nothing where every setting says so', () => {
    const nothing = Object.fromEntries(
      Object.entries(augmentations).map(([id, { settings }]) => [
        id,
        Object.fromEntries(Object.keys(settings).map((name) => [name, /Area|maxRatio/.test(name) ? 1 : 0])),
      ]),
    );
    for (const plan of plansOf(nothing, 20)) {
      expect(plan.place.map((value) => value + 0)).toEqual(unchanged.place);
      expect({ ...plan, place: unchanged.place }).toEqual(unchanged);
    }
  });

  it('mirror as often as asked, turn and shift evenly', () => {
    const flips = plansOf({ flip: { h: 0.25, v: 1 } });
    expect(flips.filter(({ place }) => place[0] < 0).length / 2000).toBeCloseTo(0.25, 1);
    expect(flips.every(({ place }) => place[4] === -1)).toBe(true);
    const angles = plansOf({ rotate: { degrees: 20 } }).map(({ place }) => (Math.asin(place[3]) * 180) / Math.PI);
    expect(Math.max(...angles)).toBeGreaterThan(19.5);
    expect(Math.max(...angles.map(Math.abs))).toBeLessThanOrEqual(20);
    expect(angles.reduce((sum, angle) => sum + angle, 0) / 2000).toBeCloseTo(0, 0);
    const shifts = plansOf({ shift: { by: 0.06 } }).map(({ place }) => place[2]);
    expect(Math.max(...shifts)).toBeLessThanOrEqual(0.12 * 1.5); // in units where the width is 2 aspect
    expect(Math.max(...shifts)).toBeGreaterThan(0.11 * 1.5);
  });

  it('keep crops inside the picture, their area in its range', () => {
    for (const { place } of plansOf({ crop: { minArea: 0.3, maxArea: 0.8 } })) {
      const [a, , c, , e, f] = place;
      expect(Math.abs(a) * 1.5 + Math.abs(c)).toBeLessThanOrEqual(1.5 + 1e-9);
      expect(Math.abs(e) + Math.abs(f)).toBeLessThanOrEqual(1 + 1e-9);
      expect(a * e).toBeLessThanOrEqual(0.8 + 1e-9);
      expect(a * e).toBeGreaterThan(0.25); // cut where a side would be longer than the picture
    }
  });

  it('draw each augmentation from its own stream', () => {
    const alone = drawPlan(settleAugment({ rotate: true }), 1, 1, 2, 3);
    const together = drawPlan(settleAugment({ flip: { h: 0, v: 0 }, rotate: true, colour: true }), 1, 1, 2, 3);
    expect(together.place.map((value) => value + 0)).toEqual(alone.place.map((value) => value + 0));
    expect(together.hue).not.toBe(0);
  });

  it('are those of the demo recipe: theta of torch.affine_grid', () => {
    const { place, gain, offset } = drawPlan(settleAugment('demo'), 1, 0, 0, 11);
    const [a, b, , d, e] = place;
    const zoom = Math.hypot(a, d);
    expect(zoom).toBeGreaterThan(1 / 1.1);
    expect(zoom).toBeLessThan(1 / 0.9);
    expect(Math.abs(a * b + d * e)).toBeLessThan(1e-12); // columns at right angles: turned and scaled only
    expect(Math.abs(gain - 1)).toBeLessThanOrEqual(0.1);
    expect(Math.abs(offset)).toBeLessThanOrEqual(0.25);
  });

  it('refuses names and numbers that are none', () => {
    expect(() => settleAugment('strong')).toThrow(/unknown augmentation preset "strong"/);
    expect(() => settleAugment({ flop: true } as never)).toThrow(/did you mean "flip"/);
    expect(() => settleAugment({ flip: { w: 1 } })).toThrow(/unknown setting of flip "w"/);
    expect(() => settleAugment({ flip: { h: 2 } })).toThrow(/from 0 to 1/);
    for (const preset of Object.keys(augmentPresets)) expect(() => settleAugment(preset)).not.toThrow();
  });
});

describe('mixup', () => {
  it('draws shares from Beta(alpha, alpha): mean 1/2, variance 1 / (4 (2 alpha + 1))', () => {
    for (const alpha of [0.2, 1, 3]) {
      const random = Random.of(1, 'beta', alpha);
      const shares = Array.from({ length: 4000 }, () => beta(alpha, random));
      const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
      const variance = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / shares.length;
      expect(mean).toBeCloseTo(0.5, 1);
      expect(variance).toBeCloseTo(1 / (4 * (2 * alpha + 1)), 2);
      expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true);
    }
    expect(beta(0, Random.of(1))).toBe(1);
  });

  it('pairs every row with one', () => {
    const { partners } = drawMix(1, 6, Random.of(3));
    expect([...partners].sort()).toEqual([0, 1, 2, 3, 4, 5]);
  });
});
