// What a pickle holds once it is read: plain values, containers, names of Python things. Objects stay records of what they
// were made from; nothing of them ever runs.
import type { StoredData, StoredTensor } from './stored-tensor.ts';

/** Lists, tuples and sets are arrays. */
export type Pickled =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Pickled[]
  | PickledDict
  | PickledGlobal
  | PickledObject
  | StoredTensor
  | StoredData;

export type PickledDict = Map<Pickled, Pickled>;

/** A class or function, by name. */
export class PickledGlobal {
  readonly module: string;
  readonly name: string;

  constructor(module: string, name: string) {
    this.module = module;
    this.name = name;
  }

  get path(): string {
    return `${this.module}.${this.name}`;
  }
}

/** An object of a class that is not known here: what it would have been made from. */
export class PickledObject {
  readonly of: PickledGlobal;
  readonly args: Pickled;
  /** What `__setstate__` would get, most often the dict of attributes. */
  state: Pickled = null;
  /** Elements put into it, where its class is a kind of list or set. */
  readonly items: Pickled[] = [];
  /** Entries put into it, where its class is a kind of dict. */
  readonly entries: PickledDict = new Map();

  constructor(of: PickledGlobal, args: Pickled) {
    this.of = of;
    this.args = args;
  }
}

/** The entries of a dict, or of an object whose class is a kind of dict; null for anything else. */
export function entriesOf(value: Pickled | undefined): PickledDict | null {
  if (value instanceof Map) return value;
  return value instanceof PickledObject && value.entries.size > 0 ? value.entries : null;
}

/** The attributes of an object: its `__dict__`. */
export function attributesOf(value: Pickled | undefined): PickledDict | null {
  if (!(value instanceof PickledObject)) return null;
  // With __slots__ the state is a pair of both kinds of attributes.
  const state = Array.isArray(value.state) ? value.state[0] : value.state;
  return state instanceof Map ? state : null;
}
