// TensorBoard's event files: scalars, pictures, texts and hyperparameters, readable by TensorBoard as they grow.
// Framing: https://www.tensorflow.org/tutorials/load_data/tfrecord; messages: tensorflow/core/util/event.proto and
// framework/summary.proto, tensorboard/plugins/hparams/plugin_data.proto.
import { open, type FileHandle } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { crc32c } from './crc32c.ts';
import { fileError, requireWritableFolder } from './files.ts';
import { bytesField, doubleField, floatField, intField, textField } from './protobuf-fields.ts';

/** One thing to log at a step. Tags with a slash are grouped by what stands before it. */
export type LoggedValue =
  | { readonly kind: 'scalar'; readonly tag: string; readonly value: number }
  /** `png` may be JPEG too; `width` and `height` in pixels. */
  | {
      readonly kind: 'image';
      readonly tag: string;
      readonly png: Uint8Array;
      readonly width: number;
      readonly height: number;
    }
  /** Markdown. */
  | { readonly kind: 'text'; readonly tag: string; readonly text: string };

/** Values of a run's hyperparameters, for TensorBoard's HPARAMS page. */
export type Hyperparameters = Readonly<Record<string, string | number | boolean>>;

/** Files of this process, so that two made in the same second have different names. */
let count = 0;

/** An event file that is open for writing. Every call is on disk when it resolves, so a killed run keeps its log. */
export class EventsFile {
  readonly path: string;
  private readonly handle: FileHandle;
  /** Records are written one after the other, whoever calls. */
  private last: Promise<void> = Promise.resolve();

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.handle = handle;
  }

  /**
   * A new file in `folder`, which is made where it is missing. TensorBoard reads all files of a folder as one log, so a run
   * that is taken up again opens a second one. Throws GradcamError naming the path when the system refuses.
   */
  static async create(folder: string): Promise<EventsFile> {
    const seconds = String(Math.floor(Date.now() / 1000)).padStart(10, '0');
    const host = hostname().replace(/[^\w.-]/g, '-');
    const path = join(folder, `events.out.tfevents.${seconds}.${host}.${process.pid}.${count++}.v2`);
    await requireWritableFolder(folder);
    try {
      const file = new EventsFile(path, await open(path, 'wx'));
      await file.append(textField(3, 'brain.Event:2'), 0);
      return file;
    } catch (error) {
      throw fileError(error, path, 'write');
    }
  }

  /** Logs values at `step`, together. */
  async write(step: number, values: readonly LoggedValue[]): Promise<void> {
    await this.append(summaryField(values.map(encodeValue)), step);
  }

  /** Logs what the run was made with: once, before its metrics. */
  async hyperparameters(values: Hyperparameters): Promise<void> {
    const started = encodeSessionStart(values, Date.now() / 1000);
    await this.append(summaryField([hparamsValue('_hparams_/session_start_info', 3, started)]), 0);
  }

  /** Says that the run ended, well or not, where hyperparameters were logged. */
  async end(succeeded: boolean): Promise<void> {
    const ended = Buffer.concat([intField(1, succeeded ? 1 : 2), doubleField(2, Date.now() / 1000)]);
    await this.append(summaryField([hparamsValue('_hparams_/session_end_info', 4, ended)]), 0);
  }

  /** Waits for what was logged and closes the file. */
  async close(): Promise<void> {
    await this.last;
    await this.handle.close();
  }

  private append(content: Uint8Array, step: number): Promise<void> {
    const record = frame(encodeEvent(content, step, Date.now() / 1000));
    this.last = this.last.then(async () => {
      await this.handle.appendFile(record).catch((error: unknown) => {
        throw fileError(error, this.path, 'write');
      });
    });
    return this.last;
  }
}

/** A record: length, its checksum, the bytes, their checksum. */
export function frame(data: Uint8Array): Uint8Array {
  const out = Buffer.alloc(data.length + 16);
  out.writeBigUInt64LE(BigInt(data.length), 0);
  out.writeUInt32LE(masked(crc32c(out.subarray(0, 8))), 8);
  out.set(data, 12);
  out.writeUInt32LE(masked(crc32c(data)), 12 + data.length);
  return out;
}

/** Checksums that are stored beside what they check are rotated and shifted (tensorflow/core/lib/hash/crc32c.h). */
function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** `Event`: wall time in seconds, step, and one more field. */
export function encodeEvent(content: Uint8Array, step: number, seconds: number): Uint8Array {
  return Buffer.concat([doubleField(1, seconds), step === 0 ? Buffer.alloc(0) : intField(2, step), content]);
}

/** The field `summary` of an event. */
export function summaryField(values: readonly Uint8Array[]): Uint8Array {
  return bytesField(5, Buffer.concat(values.map((value) => bytesField(1, value))));
}

/** `Summary.Value`. */
export function encodeValue(value: LoggedValue): Uint8Array {
  const tag = textField(1, value.tag);
  switch (value.kind) {
    case 'scalar':
      return Buffer.concat([tag, floatField(2, value.value)]);
    case 'image': {
      const image = [intField(1, value.height), intField(2, value.width), intField(3, 4), bytesField(4, value.png)];
      return Buffer.concat([tag, bytesField(4, Buffer.concat(image))]);
    }
    case 'text': {
      // DT_STRING, one element.
      const shape = bytesField(2, bytesField(2, intField(1, 1)));
      const tensor = Buffer.concat([intField(1, 7), shape, textField(8, value.text)]);
      return Buffer.concat([tag, bytesField(8, tensor), bytesField(9, metadata('text', null))]);
    }
  }
}

/** `SessionStartInfo` of the hparams plugin. */
export function encodeSessionStart(values: Hyperparameters, seconds: number): Uint8Array {
  const entries = Object.entries(values).map(([name, value]) =>
    bytesField(1, Buffer.concat([textField(1, name), bytesField(2, encodeHyperparameter(value))])),
  );
  return Buffer.concat([...entries, doubleField(5, seconds)]);
}

/** `google.protobuf.Value`. */
function encodeHyperparameter(value: string | number | boolean): Uint8Array {
  if (typeof value === 'number') return doubleField(2, value);
  return typeof value === 'string' ? textField(3, value) : intField(4, value ? 1 : 0);
}

/** A value whose content is in its metadata, beside an empty tensor, as the hparams plugin wants it. */
export function hparamsValue(tag: string, field: number, content: Uint8Array): Uint8Array {
  const nothing = Buffer.concat([
    intField(1, 1), // DT_FLOAT
    bytesField(2, bytesField(2, intField(1, 1))),
    bytesField(5, Buffer.alloc(4)),
  ]);
  return Buffer.concat([
    textField(1, tag),
    bytesField(8, nothing),
    bytesField(9, metadata('hparams', bytesField(field, content))),
  ]);
}

/** `SummaryMetadata`: whose value it is, and that plugin's own content; of the kind tensor. */
function metadata(plugin: string, content: Uint8Array | null): Uint8Array {
  const data = content === null ? textField(1, plugin) : Buffer.concat([textField(1, plugin), bytesField(2, content)]);
  return bytesField(1, data);
}
