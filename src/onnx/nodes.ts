// NodeProto messages in, nodes out: every field of the graph's vocabulary, and the bytes themselves for the rest.
import type { Attribute, Node } from '../graph/graph.ts';
import type { ExternalFiles } from './external.ts';
import { MalformedError, WireReader } from './protobuf.ts';
import { ATTRIBUTE, ATTRIBUTE_TYPE, GRAPH, NODE, TENSOR, VALUE_INFO } from './schema.ts';
import { scopeOf } from './scopes.ts';
import { decodeTensor, readEntry } from './tensors.ts';

/** Bodies in bodies in bodies: deeper than any exporter goes. */
const DEEPEST = 64;

const KIND_OF = new Map<number, Attribute['kind']>([
  [ATTRIBUTE_TYPE.float, 'float'],
  [ATTRIBUTE_TYPE.int, 'int'],
  [ATTRIBUTE_TYPE.string, 'string'],
  [ATTRIBUTE_TYPE.tensor, 'tensor'],
  [ATTRIBUTE_TYPE.floats, 'floats'],
  [ATTRIBUTE_TYPE.ints, 'ints'],
  [ATTRIBUTE_TYPE.strings, 'strings'],
]);

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** `verbatim` is the very bytes; attributes of kinds that a graph cannot hold are opaque. Throws MalformedError. */
export function decodeNode(bytes: Uint8Array, files: ExternalFiles): Node {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, Attribute>();
  const metadata = new Map<string, string>();
  const captures = new Set<string>();
  let [name, op, domain] = ['', '', ''];
  const reader = new WireReader(bytes);
  while (reader.next()) {
    if (reader.field === NODE.input) inputs.push(reader.string());
    else if (reader.field === NODE.output) outputs.push(reader.string());
    else if (reader.field === NODE.name) name = reader.string();
    else if (reader.field === NODE.op) op = reader.string();
    else if (reader.field === NODE.domain) domain = reader.string();
    else if (reader.field === NODE.attribute) {
      const message = reader.bytes();
      const decoded = decodeAttribute(message, files);
      attributes.set(decoded.name, decoded.attribute);
      for (const body of bodiesOf(message)) for (const read of readsOfBody(body, 1)) captures.add(read);
    } else if (reader.field === NODE.metadata) metadata.set(...readEntry(reader.bytes()));
    else reader.skip();
  }
  if (op === '') throw new MalformedError(`node '${name}' has no operator`);
  const scope = scopeOf({ name, inputs, metadata });
  return {
    op,
    domain: domain === 'ai.onnx' ? '' : domain,
    name,
    inputs,
    outputs,
    attributes: Object.fromEntries(attributes),
    ...(captures.size > 0 ? { captures: [...captures] } : {}),
    ...(scope === undefined ? {} : { scope }),
    verbatim: bytes,
  };
}

/** Name and value of an AttributeProto. Throws MalformedError. */
export function decodeAttribute(bytes: Uint8Array, files: ExternalFiles): { name: string; attribute: Attribute } {
  const numbers: { ints: number[]; floats: number[]; strings: Uint8Array[] } = { ints: [], floats: [], strings: [] };
  const single: { int: number; float: number; string: Uint8Array; tensor: Uint8Array | null } = {
    int: 0,
    float: 0,
    string: new Uint8Array(0),
    tensor: null,
  };
  const seen = new Set<number>();
  let name = '';
  let type = 0;
  const reader = new WireReader(bytes);
  while (reader.next()) {
    seen.add(reader.field);
    if (reader.field === ATTRIBUTE.name) name = reader.string();
    else if (reader.field === ATTRIBUTE.type) type = reader.integer();
    else if (reader.field === ATTRIBUTE.int) single.int = reader.integer();
    else if (reader.field === ATTRIBUTE.float) single.float = reader.float32();
    else if (reader.field === ATTRIBUTE.string) single.string = reader.bytes();
    else if (reader.field === ATTRIBUTE.tensor) single.tensor = reader.bytes();
    else if (reader.field === ATTRIBUTE.ints) reader.integers(numbers.ints);
    else if (reader.field === ATTRIBUTE.floats) reader.floats(numbers.floats);
    else if (reader.field === ATTRIBUTE.strings) numbers.strings.push(reader.bytes());
    else reader.skip();
  }
  const opaque: Attribute = { kind: 'opaque', value: bytes };
  const kind = KIND_OF.get(type) ?? (type === 0 ? kindOfFields(seen) : 'opaque');
  const attribute = ((): Attribute => {
    switch (kind) {
      case 'int':
      case 'float':
        return { kind, value: single[kind] };
      case 'ints':
      case 'floats':
        return { kind, value: numbers[kind] };
      case 'string':
      case 'strings': {
        const texts = (kind === 'string' ? [single.string] : numbers.strings).map(textOf);
        if (!texts.every((text) => text !== null)) return opaque;
        return kind === 'string' ? { kind, value: texts[0] ?? '' } : { kind, value: texts };
      }
      case 'tensor': {
        const constant = single.tensor === null ? null : decodeTensor(single.tensor, files).constant;
        return constant === null ? opaque : { kind, value: constant };
      }
      case 'opaque':
        return opaque;
    }
  })();
  return { name, attribute };
}

/** Files of IR version 1 leave the type out; the field that is there tells. */
function kindOfFields(seen: ReadonlySet<number>): Attribute['kind'] {
  const kinds = ['int', 'float', 'string', 'tensor', 'ints', 'floats', 'strings'] as const;
  return kinds.find((kind) => seen.has(ATTRIBUTE[kind])) ?? 'opaque';
}

/** Attributes of type string are bytes; null where they are no text. */
function textOf(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}

/** The GraphProto messages of an AttributeProto. */
export function bodiesOf(attribute: Uint8Array): Uint8Array[] {
  const bodies: Uint8Array[] = [];
  const reader = new WireReader(attribute);
  while (reader.next()) {
    if (reader.field === ATTRIBUTE.graph || reader.field === ATTRIBUTE.graphs) bodies.push(reader.bytes());
    else reader.skip();
  }
  return bodies;
}

/** Names that a body reads and does not make. */
function readsOfBody(body: Uint8Array, depth: number): Set<string> {
  if (depth > DEEPEST) throw new MalformedError(`bodies nested more than ${DEEPEST} deep`);
  const made = new Set<string>();
  const read = new Set<string>();
  const reader = new WireReader(body);
  while (reader.next()) {
    if (reader.field === GRAPH.node) readsOfInner(reader.bytes(), depth, made, read);
    else if (reader.field === GRAPH.initializer) made.add(firstString(reader.bytes(), TENSOR.name));
    else if (reader.field === GRAPH.input) made.add(firstString(reader.bytes(), VALUE_INFO.name));
    else if (reader.field === GRAPH.output) read.add(firstString(reader.bytes(), VALUE_INFO.name));
    else reader.skip();
  }
  for (const name of made) read.delete(name);
  read.delete('');
  return read;
}

function readsOfInner(node: Uint8Array, depth: number, made: Set<string>, read: Set<string>): void {
  const reader = new WireReader(node);
  while (reader.next()) {
    if (reader.field === NODE.input) read.add(reader.string());
    else if (reader.field === NODE.output) made.add(reader.string());
    else if (reader.field === NODE.attribute) {
      for (const body of bodiesOf(reader.bytes())) for (const name of readsOfBody(body, depth + 1)) read.add(name);
    } else reader.skip();
  }
}

/** The first string field of that number, '' where there is none. */
export function firstString(message: Uint8Array, field: number): string {
  const reader = new WireReader(message);
  while (reader.next()) {
    if (reader.field === field) return reader.string();
    reader.skip();
  }
  return '';
}
