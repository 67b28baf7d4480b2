import { spawnSync } from 'node:child_process';
import { afterAll, expect, test } from 'vitest';
import { compileRoom } from './compiled-room.ts';

const room = compileRoom(['lib/v8.ts']);
afterAll(() => room.remove());

test.each([
  ['this V8 takes its flags without a word', ''],
  ['a V8 that is not known is left alone', "'99.1.2'"],
])('%s', (_, version) => {
  const script = `import('${room.module('lib/v8')}').then(({ tuneV8 }) => tuneV8(${version}))`;
  const { stderr, status } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
});
