// The module path that a node came from, as far as the exporter wrote one down: `layer4.2.conv2`.
import { SCOPE_KEY } from './schema.ts';

/** What a node tells about where it came from. */
export interface Origin {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly metadata: ReadonlyMap<string, string>;
}

/**
 * The scope of a node, or undefined where nothing tells. In order of trust: our own metadata; that of PyTorch's dynamo
 * exporter; node names of PyTorch's TorchScript exporter (`/layer4/layer4.2/conv2/Conv`); the weight's name
 * (`layer4.2.conv2.weight`).
 */
export function scopeOf({ name, inputs, metadata }: Origin): string | undefined {
  const own = metadata.get(SCOPE_KEY);
  if (own !== undefined) return own;
  const scopes = metadata.get('pkg.torch.onnx.name_scopes');
  if (scopes !== undefined) return scopeOfList(scopes);
  const namespace = metadata.get('namespace');
  if (namespace !== undefined) return scopeOfNamespace(namespace);
  if (name.startsWith('/')) return scopeOfPath(name);
  const weight = inputs.slice(1).find((input) => input.endsWith('.weight'));
  return weight?.slice(0, -'.weight'.length);
}

/** `['', 'layer4', 'layer4.2', 'conv2d_52']`, a Python list: the last is the operation, the one before it the module. */
function scopeOfList(list: string): string | undefined {
  const names = [...list.matchAll(/'([^']*)'|"([^"]*)"/g)].map((match) => match[1] ?? match[2] ?? '');
  return emptyToNone(names.at(-2));
}

/** `: Net/layer4: Sequential/layer4.2: Block/conv2d_52: aten.conv2d.default`: name and type of each level. */
function scopeOfNamespace(namespace: string): string | undefined {
  return emptyToNone(namespace.split('/').at(-2)?.split(':')[0]?.trim());
}

/** `/layer4/layer4.2/conv2/Conv`: children of a container repeat its name. */
function scopeOfPath(path: string): string | undefined {
  const levels: string[] = [];
  for (const level of path.split('/').slice(1, -1)) {
    const parent = levels.at(-1);
    if (parent !== undefined && level.startsWith(`${parent}.`)) levels.pop();
    levels.push(level);
  }
  return emptyToNone(levels.join('.'));
}

function emptyToNone(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
