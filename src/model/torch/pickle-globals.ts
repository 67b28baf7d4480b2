// What the classes and functions in PyTorch's pickles stand for: containers and tensors are made, harmless objects become
// records, and everything that would run code is refused by name.
import { GradcamError } from '../../lib/errors.ts';
import { PickledGlobal, PickledObject, type Pickled, type PickledDict } from './pickle-values.ts';
import { ELEMENT_TYPES, StoredData, StoredTensor, type ElementType } from './stored-tensor.ts';

/** What `global(*args)` gives. Throws GradcamError `checkpoint-unsafe`, `checkpoint-damaged`. */
export function callGlobal(global: PickledGlobal, args: Pickled, path: string): Pickled {
  refuseDangerous(global, path);
  const call = Object.hasOwn(CALLS, global.path) ? CALLS[global.path] : undefined;
  const list = Array.isArray(args) ? args : [];
  if (call !== undefined) return call(list, { path, global });
  if (isHarmless(global)) return new PickledObject(global, args);
  throw unsafe(global, path);
}

/** A new object of a class: its constructor would run nothing but itself, so a record of it is enough. */
export function makeObject(global: PickledGlobal, args: Pickled, path: string): Pickled {
  refuseDangerous(global, path);
  return Object.hasOwn(CALLS, global.path) ? callGlobal(global, args, path) : new PickledObject(global, args);
}

interface Place {
  readonly path: string;
  readonly global: PickledGlobal;
}

type Call = (args: readonly Pickled[], place: Place) => Pickled;

// Nothing is copied: a pickle may name one large container a million times.
const dict: Call = ([source]) => (source instanceof Map ? source : dictOf(source));
const list: Call = ([source]) => (Array.isArray(source) ? source : []);
const firstOf: Call = ([value = null]) => value;

const CALLS: Readonly<Record<string, Call>> = {
  'collections.OrderedDict': dict,
  'collections.Counter': dict,
  'collections.defaultdict': (args, place) => dict(args.slice(1), place),
  'builtins.dict': dict,
  '__builtin__.dict': dict,
  'builtins.list': list,
  'builtins.tuple': list,
  'builtins.set': list,
  'builtins.frozenset': list,
  '__builtin__.set': list,
  '__builtin__.frozenset': list,
  'torch.Size': list,
  'torch._utils._rebuild_tensor': (args, place) => tensorOf(args, place),
  'torch._utils._rebuild_tensor_v2': (args, place) => tensorOf(args, place),
  'torch._utils._rebuild_tensor_v3': (args, place) => tensorOf(args, place, typeOf(args[6], place)),
  'torch._utils._rebuild_parameter': firstOf,
  'torch._utils._rebuild_parameter_with_state': firstOf,
  'torch.nn.parameter.Parameter': firstOf,
  // A tensor of a subclass, or with attributes: (function, class, arguments, state).
  'torch._tensor._rebuild_from_type_v2': ([global = null, , args = null], place) => {
    if (!(global instanceof PickledGlobal)) throw damaged(place, 'the function that makes the tensor');
    return callGlobal(global, args, place.path);
  },
  // Protocol 2 and below make objects through it: (class, base, state of the base).
  'copyreg._reconstructor': ([global = null, , base = null], place) => reconstruct(global, base, place),
  'copy_reg._reconstructor': ([global = null, , base = null], place) => reconstruct(global, base, place),
};

function reconstruct(global: Pickled, base: Pickled, place: Place): Pickled {
  if (!(global instanceof PickledGlobal)) throw damaged(place, 'a class');
  return makeObject(global, [base], place.path);
}

const dicts = new WeakMap<Pickled[], PickledDict>();

/** From a list of pairs, as Python 2 wrote dicts that keep their order. */
function dictOf(pairs: Pickled | undefined): PickledDict {
  if (!Array.isArray(pairs)) return new Map();
  const made =
    dicts.get(pairs) ??
    new Map(pairs.filter((pair) => Array.isArray(pair)).map(([key = null, value = null]) => [key, value]));
  dicts.set(pairs, made);
  return made;
}

/** (storage, offset, shape, strides, ...): the start of the arguments of every function that makes a tensor. */
function tensorOf([data, offset, shape, strides]: readonly Pickled[], place: Place, type?: ElementType): StoredTensor {
  if (!(data instanceof StoredData)) throw damaged(place, 'a storage');
  if (typeof offset !== 'number' || !isNumbers(shape) || !isNumbers(strides))
    throw damaged(place, 'a shape and strides');
  try {
    return new StoredTensor({ data, type: type ?? data.type, offset, shape, strides });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw damaged(place, `a tensor within its storage of ${data.elements} elements`, error.message);
  }
}

function typeOf(value: Pickled | undefined, place: Place): ElementType {
  const known = value instanceof PickledGlobal && value.module === 'torch' && Object.hasOwn(ELEMENT_TYPES, value.name);
  if (!known) throw damaged(place, 'an element type');
  return ELEMENT_TYPES[value.name]!;
}

const isNumbers = (value: Pickled | undefined): value is number[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'number');

/** Modules whose functions reach files, processes or the interpreter. */
const DANGEROUS_MODULES = new Set(
  (
    'os posix nt posixpath ntpath sys subprocess commands popen2 pty shutil socket ssl http urllib requests webbrowser ctypes ' +
    'importlib imp runpy pkgutil code codeop pdb bdb trace timeit profile cProfile marshal pickle cPickle _pickle shelve ' +
    'types multiprocessing threading asyncio concurrent signal platform tempfile glob pip site builtin_function gc inspect'
  ).split(' '),
);
const DANGEROUS_BUILTINS = new Set(
  (
    'eval exec execfile compile __import__ open input raw_input breakpoint globals locals vars dir delattr setattr ' +
    'exit quit apply file reload help memoryview'
  ).split(' '),
);
const DANGEROUS_FUNCTIONS = new Set([
  'torch.load',
  'torch.serialization.load',
  'torch.jit.load',
  'torch.hub.load',
  'numpy.load',
  'operator.attrgetter',
  'operator.methodcaller',
  'functools.reduce',
]);

function refuseDangerous(global: PickledGlobal, path: string): void {
  const [root = ''] = global.module.split('.');
  const isBuiltin = root === 'builtins' || root === '__builtin__';
  const dangerous =
    DANGEROUS_MODULES.has(root) ||
    (isBuiltin && DANGEROUS_BUILTINS.has(global.name)) ||
    DANGEROUS_FUNCTIONS.has(global.path);
  if (dangerous) throw unsafe(global, path);
}

/** Packages whose functions only make values. */
const HARMLESS_MODULES = new Set(
  'torch numpy collections builtins __builtin__ copyreg copy_reg _codecs codecs datetime pathlib decimal fractions uuid functools'.split(
    ' ',
  ),
);

/** Functions of packages known for values, and classes of any: enumerations and settings call theirs. */
function isHarmless({ module, name }: PickledGlobal): boolean {
  const [root = ''] = module.split('.');
  const last = name.split('.').at(-1) ?? '';
  return HARMLESS_MODULES.has(root) || /^_*[A-Z]/.test(last);
}

function unsafe(global: PickledGlobal, path: string): GradcamError {
  return new GradcamError({
    code: 'checkpoint-unsafe',
    what: `${path} calls ${global.path} when it is opened; gradcam never runs code from a checkpoint.`,
    expected: 'tensors, numbers, texts and containers of them',
    found: `a call of ${global.path}`,
    hint: "Where you trust the file, save its weights alone: torch.save(model.state_dict(), 'model.pth'), or export the model as ONNX.",
  });
}

function damaged({ path, global }: Place, expected: string, found = 'something else'): GradcamError {
  return new GradcamError({
    code: 'checkpoint-damaged',
    what: `${path} describes a tensor that cannot be (${global.path}).`,
    expected,
    found,
    hint: 'The file may be damaged: copy it again, or save the weights again.',
  });
}
