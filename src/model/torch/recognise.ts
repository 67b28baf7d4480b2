// Weights -> the family of networks they belong to, which of them it is, and the names without what wraps them. run.json's word
// counts first; structure always follows from the weights.
import { GradcamError } from '../../lib/errors.ts';
import { nearestNames } from '../../lib/names.ts';
import type { Family } from './architecture.ts';
import { families } from './architectures.ts';
import { foreignTitle } from './foreign.ts';
import type { StoredTensor } from './stored-tensor.ts';
import { Weights } from './weights.ts';

export interface Recognised {
  readonly family: Family;
  /** Name in the table of variants, or null for a network of its own widths or depths. */
  readonly variant: string | null;
  /** By the names that the family knows. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly assumed: readonly string[];
}

/** Largest number of tensors of one network that is believed; usual ones have up to 2,000. */
const MAX_TENSORS = 20_000;
/** Counters and the like, which no network computes with. */
const BOOKKEEPING = /(^|\.)(num_batches_tracked|total_ops|total_params|n_averaged)$/;
/** Parts of training that some put beside the network. */
const TRAINING = /(^|\.)(criterion|loss|loss_fn|loss_func|losses|metrics?|train_\w+|val_\w+|test_\w+)\./;

export const EXPORT_HINT =
  "export the model as ONNX: torch.onnx.export(model.eval(), torch.zeros(1, 3, 224, 224), 'model.onnx')";

/** Throws GradcamError `unknown-architecture`. `wanted`: the architecture in run.json. */
export function recognise(
  all: ReadonlyMap<string, StoredTensor>,
  path: string,
  wanted: string | undefined,
): Recognised {
  const assumed: string[] = [];
  const plain = withoutBookkeeping(all, assumed);
  if (plain.size > MAX_TENSORS) throw unknown(new Weights(new Map()), path, `${plain.size} weights`, wanted);
  const candidates = wanted === undefined ? [] : architecturesOf(wanted);
  // One name may be two libraries': the weights tell whose.
  const named = candidates.find(({ family }) => locate(plain, [family]) !== null) ?? candidates[0] ?? null;
  const place = named === null ? locate(plain) : (locate(plain, [named.family]) ?? guessed(plain, named.family));
  if (place === null) throw unknown(weightsOf(plain), path, firstNames(plain), wanted);
  const { family, prefix } = place;
  const tensors = withoutPrefix(plain, prefix);
  if (prefix !== '') assumed.push(`Names of weights begin with "${prefix}", which was left out.`);
  const weights = weightsOf(tensors);
  const signature = family.signature(weights);
  if (named === null && family.mustBeNamed !== undefined) throw unnamed(family, signature, path, wanted);
  if (named === null && wanted !== undefined && family.lookalikes?.test(wanted) === true)
    throw lookalike(family, path, wanted);
  const variant = named?.name ?? variantOf(family, signature);
  if (variant === null && !family.isOpen(weights))
    throw unknown(weights, path, `${family.title} of ${signature}`, wanted);
  assumed.push(...spoken(family, signature, variant, wanted, named !== null));
  return { family, variant, tensors, assumed };
}

/** Names of all architectures. */
export function architectureNames(): string[] {
  return families.flatMap((family) => Object.keys(family.variants));
}

/** The architectures of a name, however it is spelt: `ResNet-50`, `torchvision.models.resnet50`, `tf_efficientnet_b0_ns`. */
function architecturesOf(wanted: string): { family: Family; name: string }[] {
  const bare = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  const last = wanted.replace(/^.*(torchvision\.models|timm|models)[./]/i, '');
  const plain = last.replace(/\..*$/, '');
  const spellings = [wanted, last, plain, plain.replace(/_(ns|ap|in21k|in21ft1k|in22k|in22ft1k)$/, '')].map(bare);
  return families.flatMap((family) => {
    const name = Object.keys(family.variants).find((variant) => spellings.includes(bare(variant)));
    return name === undefined ? [] : [{ family, name }];
  });
}

function variantOf(family: Family, signature: string): string | null {
  return Object.keys(family.variants).find((name) => family.variants[name]!.signature === signature) ?? null;
}

interface Located {
  readonly family: Family;
  readonly prefix: string;
}

/** The first family all of whose marks are there, behind whatever prefix; of several prefixes that of a plain network. */
function locate(tensors: ReadonlyMap<string, StoredTensor>, among: readonly Family[] = families): Located | null {
  for (const family of among) {
    const [first = '', ...others] = family.marks;
    const prefixes = prefixesOf(tensors, first)
      .filter((prefix) => others.every((mark) => tensors.has(prefix + mark)))
      .sort((a, b) => Number(isAveraged(a)) - Number(isAveraged(b)) || a.length - b.length);
    for (const prefix of prefixes) {
      if (family.fits?.(weightsOf(withoutPrefix(tensors, prefix))) ?? true) return { family, prefix };
    }
  }
  return null;
}

/** Moving averages, teachers and momentum encoders are copies beside the network itself. */
const isAveraged = (prefix: string): boolean => /ema|teacher|momentum|target|_k\./i.test(prefix);

const prefixesOf = (tensors: ReadonlyMap<string, StoredTensor>, mark: string): string[] =>
  [...tensors.keys()].flatMap((name) =>
    name === mark || name.endsWith(`.${mark}`) ? [name.slice(0, -mark.length)] : [],
  );

/** Where a family that was asked for would be, though some of its marks are missing: the error tells which. */
function guessed(tensors: ReadonlyMap<string, StoredTensor>, family: Family): Located {
  const prefixes = [...new Set(family.marks.flatMap((mark) => prefixesOf(tensors, mark)))];
  const found = (prefix: string): number => family.marks.filter((mark) => tensors.has(prefix + mark)).length;
  return { family, prefix: prefixes.sort((a, b) => found(b) - found(a))[0] ?? '' };
}

/** Names below the prefix without it; others stay, unless such a name is taken. */
function withoutPrefix(tensors: ReadonlyMap<string, StoredTensor>, prefix: string): ReadonlyMap<string, StoredTensor> {
  if (prefix === '') return tensors;
  const inside = new Map<string, StoredTensor>();
  const outside: [string, StoredTensor][] = [];
  for (const [name, tensor] of tensors) {
    if (name.startsWith(prefix)) inside.set(name.slice(prefix.length), tensor);
    else outside.push([name, tensor]);
  }
  for (const [name, tensor] of outside) inside.set(inside.has(name) ? `${name} (outside)` : name, tensor);
  return inside;
}

/** Without counters, parts of training, the marks of torch.compile, and the names DenseNet had until 2018 (`norm.1`). */
function withoutBookkeeping(
  tensors: ReadonlyMap<string, StoredTensor>,
  assumed: string[],
): ReadonlyMap<string, StoredTensor> {
  const kept = new Map<string, StoredTensor>();
  const training = new Set<string>();
  for (const [name, tensor] of tensors) {
    if (BOOKKEEPING.test(name)) continue;
    if (TRAINING.test(name)) training.add(name);
    else kept.set(name.replaceAll('_orig_mod.', '').replace(/(denselayer\d+\.(norm|conv))\.([12]\.)/, '$1$3'), tensor);
  }
  if (training.size > 0) assumed.push(`Weights of training were left out: ${[...training].slice(0, 3).join(', ')}.`);
  return kept;
}

export const weightsOf = (tensors: ReadonlyMap<string, StoredTensor>): Weights =>
  new Weights(new Map([...tensors].map(([name, { shape }]) => [name, shape])));

const firstNames = (tensors: ReadonlyMap<string, StoredTensor>): string =>
  [...tensors.keys()].slice(0, 6).join(', ') || 'no weights';

function spoken(
  family: Family,
  signature: string,
  variant: string | null,
  wanted: string | undefined,
  isNamed: boolean,
): string[] {
  if (isNamed && variant !== null) {
    const other = variantOf(family, signature);
    if (family.variants[variant]!.signature === signature) return [`The network is ${variant}, as run.json says.`];
    const found = other === null ? `a network of ${signature}` : other;
    return [`run.json names ${variant}; the weights are those of ${found}, and the network was built from them.`];
  }
  const nearest = wanted === undefined ? [] : nearestNames(wanted, architectureNames());
  const like = nearest.length > 0 ? ` (nearest names: ${nearest.join(', ')})` : '';
  const unknownName =
    wanted === undefined ? [] : [`run.json names the architecture "${wanted}", which is not known${like}.`];
  const what = variant ?? `of its own size among ${family.title} networks (${signature})`;
  return [...unknownName, `The network is ${what}, recognised by its weights.`];
}

function unnamed(family: Family, signature: string, path: string, wanted: string | undefined): GradcamError {
  const fitting = Object.keys(family.variants).filter((name) => family.variants[name]!.signature === signature);
  const names = fitting.length > 0 ? fitting : Object.keys(family.variants);
  return new GradcamError({
    code: 'unknown-architecture',
    what: `The weights in ${path} are those of ${family.title} (${signature}), and do not tell ${family.mustBeNamed}.`,
    expected: `its name in run.json: ${names.slice(0, 6).join(', ')}`,
    found: wanted === undefined ? 'no name' : `"${wanted}", which is not known`,
    hint: `Write for example {"architecture": "${names[0]}"} into run.json beside the file; otherwise ${EXPORT_HINT}`,
  });
}

function lookalike(family: Family, path: string, wanted: string): GradcamError {
  return new GradcamError({
    code: 'unknown-architecture',
    what: `The network "${wanted}" of ${path} is not known.`,
    expected: `a network whose weights tell what it computes`,
    found: `weights as those of ${family.title}, which computes something else on them`,
    hint: `Instead, ${EXPORT_HINT}`,
  });
}

function unknown(weights: Weights, path: string, found: string, wanted: string | undefined): GradcamError {
  const looks = foreignTitle(weights);
  const nearest = wanted === undefined ? [] : nearestNames(wanted, architectureNames());
  const known = families.map((family) => family.title).join(', ');
  return new GradcamError({
    code: 'unknown-architecture',
    what:
      wanted === undefined
        ? `The network that the weights in ${path} belong to is not known: weights alone do not say what to compute.`
        : `The architecture "${wanted}" that run.json names for ${path} is not known, nor are its weights.`,
    expected: nearest.length > 0 ? `for example ${nearest.join(', ')}` : `a network of torchvision: ${known}`,
    found: looks === null ? found : `${looks} (${found})`,
    hint: `Name it in run.json ("architecture": "resnet50") if it is one of these; otherwise ${EXPORT_HINT}`,
  });
}
