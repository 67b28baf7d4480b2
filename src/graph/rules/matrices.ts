// Types of matrix products.
import { intOf, stringOf } from '../attributes.ts';
import type { Dim, DType } from '../graph.ts';
import { broadcast, likeFirst, type Rule, type RuleContext, sameDim, shapeAt, type Shape, shapeText } from './rule.ts';

/** A product of matrices, inputs `a` and `b`, either of them transposed if asked for. */
const gemm =
  (a: number, b: number, dtypeOf: (context: RuleContext) => DType | undefined): Rule =>
  (context) => {
    const dtype = dtypeOf(context);
    if (dtype === undefined) return [];
    const [left, right] = [shapeAt(context, a), shapeAt(context, b)];
    if ((left !== null && left.length !== 2) || (right !== null && right.length !== 2)) {
      context.fail(`operands of shapes ${shapeText(left)} and ${shapeText(right)}`);
      return [{ dtype, shape: null }];
    }
    const [rows, inner] = intOf(context.node, 'transA', 0) === 0 ? [0, 1] : [1, 0];
    const [outer, columns] = intOf(context.node, 'transB', 0) === 0 ? [0, 1] : [1, 0];
    sameDim(context, left?.[inner] ?? null, right?.[outer] ?? null, 'inner dimensions');
    return [{ dtype, shape: [left?.[rows] ?? null, right?.[columns] ?? null] }];
  };

/** NumPy's matmul: vectors are lifted, leading axes broadcast. */
function productShape(context: RuleContext, a: Shape, b: Shape): Shape {
  if (a === null || b === null) return null;
  if (a.length === 0 || b.length === 0) {
    context.fail('a product with a scalar');
    return null;
  }
  const left: readonly Dim[] = a.length === 1 ? [1, ...a] : a;
  const right: readonly Dim[] = b.length === 1 ? [...b, 1] : b;
  sameDim(context, left.at(-1) ?? null, right.at(-2) ?? null, 'inner dimensions');
  const batch = broadcast(context, left.slice(0, -2), right.slice(0, -2));
  if (batch === null) return null;
  const rows = a.length === 1 ? [] : [left.at(-2) ?? null];
  const columns = b.length === 1 ? [] : [right.at(-1) ?? null];
  return [...batch, ...rows, ...columns];
}

/** A product of inputs `a` and `b`. */
const matMul =
  (a: number, b: number, dtypeOf: (context: RuleContext) => DType | undefined): Rule =>
  (context) => {
    const dtype = dtypeOf(context);
    const shape = productShape(context, shapeAt(context, a), shapeAt(context, b));
    return dtype === undefined ? [] : [{ dtype, shape }];
  };

/** com.microsoft: MatMul with transposes of the last two axes. */
export const fusedMatMul: Rule = (context) => {
  const swapped = (shape: Shape, name: string): Shape => {
    if (shape === null || shape.length < 2 || intOf(context.node, name, 0) === 0) return shape;
    return [...shape.slice(0, -2), shape.at(-1) ?? null, shape.at(-2) ?? null];
  };
  const shape = productShape(context, swapped(shapeAt(context, 0), 'transA'), swapped(shapeAt(context, 1), 'transB'));
  return [likeFirst(context, shape)];
};

/** Letters name axes; `...` stands for axes that broadcast. */
const einsum: Rule = (context) => {
  const equation = stringOf(context.node, 'equation', '').replaceAll(' ', '');
  const [left = '', right] = equation.split('->');
  const sizes = new Map<string, Dim>();
  let rest: Shape = [];
  for (const [index, term] of left.split(',').entries()) {
    const shape = shapeAt(context, index);
    if (shape === null) return [likeFirst(context, null)];
    const [before = '', after] = term.split('...');
    const trailing = after ?? '';
    const named = before.length + trailing.length;
    if (named > shape.length || (after === undefined && named !== shape.length)) {
      context.fail(`operand ${term} of shape ${shapeText(shape)}`);
      return [likeFirst(context, null)];
    }
    rest = broadcast(context, rest, shape.slice(before.length, shape.length - trailing.length));
    const dims = [...shape.slice(0, before.length), ...shape.slice(shape.length - trailing.length)];
    [...before, ...trailing].forEach((letter, place) => {
      sizes.set(letter, sameDim(context, dims[place] ?? null, sizes.get(letter) ?? null, `axis ${letter}`));
    });
  }
  const output = right ?? implicitOutput(left);
  const shape = output.split(/(\.\.\.|.)/).flatMap((part): readonly Dim[] => {
    if (part === '...') return rest ?? [];
    return part === '' ? [] : [sizes.get(part) ?? null];
  });
  return [likeFirst(context, rest === null ? null : shape)];
};

/** Without `->`: the axes named once, in alphabetical order, after the broadcast ones. */
function implicitOutput(left: string): string {
  const letters = [...left].filter((letter) => /[A-Za-z]/.test(letter));
  const once = letters.filter((letter) => letters.indexOf(letter) === letters.lastIndexOf(letter)).sort();
  return (left.includes('...') ? '...' : '') + once.join('');
}

/** com.microsoft: each operand is tensor, scale, zero point; without an output zero point the result is float32. */
export const quantizedGemm: Rule = gemm(0, 3, ({ inputs }) => inputs[8]?.dtype ?? 'float32');

const ofFirst = ({ inputs }: RuleContext): DType | undefined => inputs[0]?.dtype;

export const matrices: Readonly<Record<string, Rule>> = {
  Gemm: gemm(0, 1, ofFirst),
  MatMul: matMul(0, 1, ofFirst),
  MatMulInteger: matMul(0, 1, () => 'int32'),
  QLinearMatMul: matMul(0, 3, ({ inputs }) => inputs[7]?.dtype),
  Einsum: einsum,
};
