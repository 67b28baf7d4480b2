import { readFile, readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { crc32c } from '../../src/lib/crc32c.ts';
import {
  encodeEvent,
  encodeSessionStart,
  encodeValue,
  EventsFile,
  frame,
  hparamsValue,
  summaryField,
} from '../../src/lib/events-file.ts';
import { textField } from '../../src/lib/protobuf-fields.ts';
import { temporaryFolder } from './temporary-folder.ts';

const peer = JSON.parse(await readFile(new URL('../fixtures/events-file.json', import.meta.url), 'utf8')) as Record<
  'version' | 'values' | 'hparams',
  string
>;
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('crc32c', () => {
  it('has the check value of the catalogue and of RFC 3720', () => {
    expect(crc32c(bytes('123456789'))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
    expect(crc32c(new Uint8Array())).toBe(0);
  });
});

describe('records of an event file', () => {
  it('equal those of TensorBoard byte for byte', () => {
    expect(base64(frame(encodeEvent(textField(3, 'brain.Event:2'), 0, 1.5)))).toBe(peer.version);
    const values = [
      encodeValue({ kind: 'scalar', tag: 'loss/train', value: 0.25 }),
      encodeValue({
        kind: 'image',
        tag: 'picture',
        png: Uint8Array.from({ length: 200 }, (_, i) => i),
        width: 3,
        height: 2,
      }),
      encodeValue({ kind: 'text', tag: 'notes', text: '# naïve 📈' }),
    ];
    expect(base64(frame(encodeEvent(summaryField(values), 300, 1700000000.125)))).toBe(peer.values);
    const start = encodeSessionStart({ loss: 'lmf', lr: 0.001, resume: false }, 12.5);
    const value = hparamsValue('_hparams_/session_start_info', 3, start);
    expect(base64(frame(encodeEvent(summaryField([value]), 0, 2)))).toBe(peer.hparams);
  });
});

describe('EventsFile', () => {
  it('keeps the order of calls, also of those that were not waited for', async () => {
    const folder = temporaryFolder();
    const file = await EventsFile.create(folder.path);
    const other = await EventsFile.create(folder.path);
    const steps = Array.from({ length: 20 }, (_, i) => i + 1);
    await Promise.all(steps.map((step) => file.write(step, [{ kind: 'scalar', tag: 'step', value: step }])));
    await file.close();
    await other.close();
    expect(await readdir(folder.path)).toHaveLength(2);
    const written = await readFile(file.path);
    const found: number[] = [];
    for (let at = 0; at < written.length;) {
      const length = Number(written.readBigUInt64LE(at));
      const data = written.subarray(at + 12, at + 12 + length);
      expect(base64(frame(data))).toBe(base64(written.subarray(at, at + 16 + length)));
      if (at > 0) found.push(data[10] ?? 0); // after the wall time: the key of `step`, then the step itself
      at += 16 + length;
    }
    expect(found).toEqual(steps);
  });

  it('names the path where it may not write', async () => {
    const file = temporaryFolder().put('file');
    await expect(EventsFile.create(file)).rejects.toThrow(`cannot write ${file}: ${file} is a file, not a folder`);
  });
});
