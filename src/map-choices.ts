// Options that say what a map shows besides layer, method and class: checked, defaults filled in. Loads nothing heavy.
import { parameters, settingsOf } from './cam/parameters.ts';
import { methodIds } from './cam/ids.ts';
import { GradcamError } from './lib/errors.ts';
import { unknownName } from './lib/names.ts';

/** As a caller gives them. */
export interface MapChoiceSpec {
  /** Maps before the last ReLU of their methods: evidence for (positive) and against (negative). */
  readonly signed?: boolean | undefined;
  /** What would lower the score. */
  readonly counterfactual?: boolean | undefined;
  /** The class that the explained one is set against: a name, an index, or `next` for the best of the others. */
  readonly against?: string | undefined;
  /** `logit` (default) or `probability`. */
  readonly score?: string | undefined;
  /** Test-time smoothing: `aug` (mirrored and rescaled versions), `eigen` (first principal component of the terms), or both. */
  readonly smooth?: readonly string[] | undefined;
  /** Settings of methods, each `method.name=value`. */
  readonly setting?: readonly string[] | undefined;
  /** Seed of everything random in methods. Default 0. */
  readonly seed?: number | undefined;
}

export type ScoreKind = 'logit' | 'probability';

export const smoothKinds = ['aug', 'eigen'] as const;
export type SmoothKind = (typeof smoothKinds)[number];

export interface MapChoices {
  readonly signed: boolean;
  readonly counterfactual: boolean;
  readonly against: string | null;
  readonly score: ScoreKind;
  readonly smooth: readonly SmoothKind[];
  /** Method -> name -> value as text: what differs from the defaults. */
  readonly settings: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly seed: number;
}

const mapChoiceDefaults = { signed: false, counterfactual: false, score: 'logit', seed: 0 } as const;

/** Throws GradcamError `bad-option`, `unknown-method`, `unknown-setting`. */
export function parseMapChoices(spec: MapChoiceSpec): MapChoices {
  const { score = mapChoiceDefaults.score, seed = mapChoiceDefaults.seed, against } = spec;
  if (score !== 'logit' && score !== 'probability') throw wrong('score', 'logit or probability', score);
  if (!Number.isSafeInteger(seed) || seed < 0) throw wrong('seed', 'a whole number from 0 on', String(seed));
  if (against === '') throw wrong('against', 'a class, or next', against);
  return {
    signed: spec.signed ?? mapChoiceDefaults.signed,
    counterfactual: spec.counterfactual ?? mapChoiceDefaults.counterfactual,
    against: against ?? null,
    score,
    smooth: smoothKinds.filter((kind) => parseSmooth(spec.smooth ?? []).includes(kind)),
    settings: parseSettings(spec.setting ?? []),
    seed,
  };
}

function parseSmooth(texts: readonly string[]): readonly string[] {
  const given = texts.flatMap((text) => text.split(',')).map((text) => text.trim());
  const strange = given.find((text) => !smoothKinds.some((kind) => kind === text));
  if (strange !== undefined) throw wrong('smooth', smoothKinds.join(', '), strange);
  return given;
}

function parseSettings(texts: readonly string[]): Record<string, Record<string, string>> {
  const settings: Record<string, Record<string, string>> = {};
  for (const text of texts) {
    const [, method, name, value] = /^([^=]+)\.([^.=]+)=(.*)$/.exec(text) ?? [];
    if (method === undefined || name === undefined || value === undefined)
      throw wrong('setting', 'method.name=value, such as rise.masks=4000', text);
    if (!methodIds.some((id) => id === method)) throw unknownName('method', method, Object.keys(parameters));
    settings[method] = { ...settings[method], [name]: value };
  }
  for (const [method, given] of Object.entries(settings)) settingsOf(method, given);
  return settings;
}

function wrong(option: string, expected: string, found: string): GradcamError {
  return new GradcamError({ code: 'bad-option', what: `the option ${option} is wrong`, expected, found });
}
