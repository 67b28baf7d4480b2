// What ONNX Runtime says, as far as a user can use it.

/** Places in its source, signatures, and the thread of errors before the last, which says the most. */
const BEFORE = [/^.*\[ONNXRuntimeError\] : \d+ : \w+ : /, /^\/\S+:\d+ .*?was false\. /];

/** One sentence without a full stop. */
export function reasonOf(text: string): string {
  const [line] = text.split('\n');
  const failure = /\b\w+ failure -?\d+: [^;]+/.exec(line!)?.[0];
  return (failure ?? BEFORE.reduce((rest, before) => rest.replace(before, ''), line!)).trim().replace(/\.$/, '');
}
