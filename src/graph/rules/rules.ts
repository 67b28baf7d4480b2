// The table of operator rules.
import { elementwise } from './elementwise.ts';
import { indexing } from './indexing.ts';
import { matrices } from './matrices.ts';
import { microsoft, quantization } from './quantization.ts';
import { reductions } from './reductions.ts';
import type { Rule } from './rule.ts';
import { shapes } from './shapes.ts';
import { windows } from './windows.ts';

const onnx: Readonly<Record<string, Rule>> = {
  ...elementwise,
  ...windows,
  ...matrices,
  ...reductions,
  ...shapes,
  ...indexing,
  ...quantization,
};

/** Operator set -> operator -> rule; '' is ONNX's own set. */
export const rules: Readonly<Record<string, Readonly<Record<string, Rule>>>> = { '': onnx, 'com.microsoft': microsoft };

/** The rule of an operator, or undefined where there is none: its outputs are then not known. */
export function ruleOf(op: string, domain: string): Rule | undefined {
  const table = Object.hasOwn(rules, domain) ? rules[domain] : undefined;
  return table !== undefined && Object.hasOwn(table, op) ? table[op] : undefined;
}
