// What was measured of the maps: against masks, against weights drawn anew, against the models themselves.
import { formatCount } from '../../lib/format.ts';
import { ALIKE, type SanityResult } from '../../metrics/maps/sanity.ts';
import { mcnemar } from '../../stats/index.ts';
import type { Report } from '../report.ts';
import { fixedText } from '../words.ts';
import { brief, percent, percentRange, shortNames, type Named } from './naming.ts';
import { about, against, inFavour, unknown, type Point } from './point.ts';

/** Energy in the mask beside what a spot in the middle has, which never saw the model. */
export function localisationPoints(report: Report): Point[] {
  const { masks, columns } = report.mapMetrics;
  if (masks === null) return [unknown('Whether the maps lie on the object: there are no masks to compare them with.')];
  const namer = shortNames(report);
  const measured = columns.flatMap((column) => {
    const metric = column.metrics['energy-in-mask'];
    if (metric === undefined || metric.centred === null || metric.random === null) return [];
    const { mean, n, centred, random, aboveCentred } = metric;
    return [{ name: namer(column), mean, n, centred, random, above: aboveCentred ?? 0 }];
  });
  const share = (one: (typeof measured)[number]): Named => ({
    value: one.mean,
    text: `${one.name} ${percent(one.mean)} (above the spot on ${one.above} of ${one.n})`,
  });
  const beside = `of a plain spot in the middle of the picture, which knows nothing of the model, ${percentRange(measured.map((one) => one.centred))} does, of random maps ${percentRange(measured.map((one) => one.random))}`;
  const better = measured.filter((one) => isMost(one.above, one.n));
  const rest = measured.filter((one) => !better.includes(one));
  const without = masks.empty + masks.missing;
  const left = `${formatCount(without, 'sample')} without a usable mask ${without === 1 ? 'does' : 'do'} not count there.`;
  return [
    ...about(rest, (some) =>
      against(
        `Not clearly more of the map lies inside the masks than chance gives: ${brief(some.map(share), percent)}; ${beside}.`,
      ),
    ),
    ...about(better, (some) =>
      inFavour(
        `More of the map lies inside the masks than chance gives: ${brief(some.map(share), percent)}; ${beside}.`,
      ),
    ),
    ...(without === 0 ? [] : [unknown(left)]),
  ];
}

/** Sign test, two-sided at 5 %: is it above on more of the samples than a fair coin would have it? */
export function isMost(hits: number, n: number): boolean {
  return 2 * hits > n && mcnemar(hits, n - hits).exactP < 0.05;
}

export function sanityPoints(report: Report): Point[] {
  const results = report.sanity;
  if (results === null)
    return [unknown('Whether the maps depend on what was learnt: no weights were drawn anew to see (--sanity).')];
  const namer = shortNames(report);
  const named = (result: SanityResult, spearman: number | null): Named[] =>
    spearman === null ? [] : [{ value: spearman, text: `${namer(result)} ${fixedText(spearman)}` }];
  const all = results.flatMap((result) =>
    named(result, result.randomisation.findLast(({ spearman }) => spearman !== null)?.spearman ?? null),
  );
  const lastLayer = results.flatMap((result) =>
    result.randomisation.length > 1 ? named(result, result.randomisation[0]!.spearman) : [],
  );
  const permuted = results.flatMap((result) => named(result, result.permutedLabels?.spearman ?? null));
  const same = all.filter(({ value }) => value >= ALIKE);
  const changed = all.filter(({ value }) => value < ALIKE);
  const heads = lastLayer.filter(({ value }) => value >= ALIKE);
  return [
    ...about(same, (some) =>
      against(
        `With all weights drawn anew the maps stay much the same (rank correlation ${brief(some)}): they show the picture or the architecture, not what was learnt.`,
      ),
    ),
    ...about(changed, (some) =>
      inFavour(
        `With all weights drawn anew the maps change (rank correlation with the run’s own ${brief(some)}): they depend on what was learnt.`,
      ),
    ),
    ...about(heads, (some) =>
      against(
        `With only the last layer drawn anew, which alone knows the classes, the maps stay alike (rank correlation ${brief(some)}): they hardly depend on the class.`,
      ),
    ),
    ...about(permuted, (some) =>
      (some.some(({ value }) => value >= ALIKE) ? against : inFavour)(
        `Beside a model trained on permuted labels: rank correlation ${brief(some)}.`,
      ),
    ),
  ];
}

/** ROAD where it was measured, else insertion less deletion. */
export function faithfulnessPoints(report: Report): Point[] {
  const namer = shortNames(report);
  const measured = report.mapMetrics.columns.flatMap((column) => {
    const road = column.metrics['road'];
    return road === undefined || road.random === null || road.centred === null
      ? []
      : [{ ...road, random: road.random, centred: road.centred, name: namer(column) }];
  });
  if (measured.length === 0)
    return report.options.faithfulness.length > 0
      ? []
      : [
          unknown(
            'Whether the models rely on the places that the maps name: they were not asked again (--faithfulness).',
          ),
        ];
  const text = (one: (typeof measured)[number]): Named => ({
    value: one.mean,
    text: `${one.name} ${fixedText(one.mean)} (random maps ${fixedText(one.random)}, spot ${fixedText(one.centred)})`,
  });
  const lost = measured.filter((one) => one.mean <= Math.max(one.random, 0));
  const level = measured.filter((one) => !lost.includes(one) && !isMost(one.aboveCentred ?? 0, one.n));
  const ahead = measured.filter((one) => !lost.includes(one) && !level.includes(one));
  return [
    ...about(lost, (some) =>
      against(
        `Taking away what the map names moves the model no more than any other order: ROAD ${brief(some.map(text))}.`,
      ),
    ),
    ...about(level, (some) =>
      against(
        `Taking away what the map names moves the model more than a random order, but not clearly more than a spot in the middle: ROAD ${brief(some.map(text))}.`,
      ),
    ),
    ...about(ahead, (some) =>
      inFavour(
        `Taking away what the map names moves the model more than a random order or a spot in the middle: ROAD ${brief(some.map(text))}.`,
      ),
    ),
  ];
}
