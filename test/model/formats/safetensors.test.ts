import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { safetensors } from '../../../src/model/formats/safetensors.ts';
import { fixtures } from '../torch/logits.ts';
import { damagedBytes, damagedJson, randomFrom } from './damage.ts';
import { attempt, peakMemory, refusal } from './loading.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gradcam-safetensors-'));
});
afterAll(() => rm(folder, { recursive: true }));

const name = 'model.safetensors';
const refused = async (bytes: Uint8Array) => refusal(safetensors, { folder, name, bytes });

function fileOf(header: unknown, data = 16): Uint8Array {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, Buffer.alloc(data)]);
}

describe('a header that is not sound is refused', () => {
  const good = { dtype: 'F32', shape: [2, 2], data_offsets: [0, 16] };

  test.each([
    ['no bytes', Buffer.alloc(0), 'a header'],
    ['a header of absurd length', Buffer.concat([Buffer.alloc(8, 0xff), Buffer.alloc(64)]), 'a header within the file'],
    ['a header longer than the file', fileOf({ a: good }).subarray(0, 40), 'a header within the file'],
    ['no JSON', fileOf('{"a": '), 'a header in JSON'],
    ['a list', fileOf([]), 'a header { "name": { ... } }'],
    ['no element type', fileOf({ a: { shape: [2, 2], data_offsets: [0, 16] } }), 'an element type of "a"'],
    ['another element type', fileOf({ a: { ...good, dtype: 'F31' } }), 'F32'],
    ['a type named after an object’s own', fileOf({ a: { ...good, dtype: 'constructor' } }), 'an element type'],
    ['a negative shape', fileOf({ a: { ...good, shape: [-2, -2] } }), 'a shape of "a"'],
    ['a fractional shape', fileOf({ a: { ...good, shape: [0.5, 8] } }), 'a shape of "a"'],
    ['a shape beyond all numbers', fileOf({ a: { ...good, shape: Array(17).fill(1) } }), 'a shape of "a"'],
    ['bytes that do not fit the shape', fileOf({ a: { ...good, shape: [2, 3] } }), '24 bytes for "a"'],
    ['an end before the beginning', fileOf({ a: { ...good, data_offsets: [16, 0] } }), '16 bytes for "a"'],
    ['bytes beyond the file', fileOf({ a: { ...good, data_offsets: [8, 24] } }), '"a" up to byte'],
    ['tensors that overlap', fileOf({ a: good, b: { ...good, data_offsets: [8, 24] } }, 24), 'tensors that lie apart'],
  ])('%s', async (_, bytes, expected) => {
    const error = await refused(bytes);
    expect(error.code).toBe('safetensors-damaged');
    expect(error.parts.expected).toContain(expected);
  });

  test('nested without end', async () => {
    expect((await refused(fileOf('['.repeat(200_000)))).code).toBe('safetensors-damaged');
  });
});

test('names and shapes of no known network are told', async () => {
  const error = await refused(fileOf({ 'encoder.weight': { dtype: 'F32', shape: [2, 2], data_offsets: [0, 16] } }));
  expect(error.code).toBe('unknown-architecture');
  expect(error.parts.found).toContain('encoder.weight');
  expect(error.parts.hint).toMatch(/run\.json.*torch\.onnx\.export/);
});

test('weights in a type that nothing computes with are refused', async () => {
  const bytes = await readFile(`${fixtures}state-forms/state.safetensors`);
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as Record<
    string,
    { dtype: string; shape: number[] }
  >;
  const entry = header['fc.bias']!;
  // Five floats, read as twenty of eight bits: the shape no longer fits, which comes first.
  header['fc.bias'] = { ...entry, dtype: 'F8_E4M3', shape: [20] };
  const error = await refused(Buffer.concat([fileOf(header, 0), bytes.subarray(8 + length)]));
  expect(error.code).toBe('weights-do-not-fit');
  expect(error.message).toContain('fc.bias [20] instead of [5]');
});

test('300 damaged files: a model or a clear error, soon, in little memory', async () => {
  const bytes = await readFile(`${fixtures}state-forms/state.safetensors`);
  const length = Number(bytes.readBigUInt64LE(0));
  const header = bytes.toString('utf8', 8, 8 + length);
  const random = randomFrom(11);
  const counts = { model: 0, error: 0 };
  const [start, memory] = [performance.now(), peakMemory()];
  for (let index = 0; index < 300; index++) {
    const inHeader = index % 3 === 0;
    const damaged = inHeader
      ? Buffer.concat([fileOf(damagedJson(header, random), 0), bytes.subarray(8 + length)])
      : damagedBytes(index % 3 === 1 ? bytes : bytes.subarray(0, 8 + length), random);
    counts[(await attempt(safetensors, { folder, name, bytes: damaged })) === 'model' ? 'model' : 'error']++;
  }
  expect(performance.now() - start).toBeLessThan(20_000);
  expect(peakMemory() - memory).toBeLessThan(500);
  // Both happen, or the damage was too weak or too strong to say anything.
  expect(counts.model).toBeGreaterThan(10);
  expect(counts.error).toBeGreaterThan(150);
});
