import { parseAst } from 'vitest/node';
import { isNode, operators } from './operators.ts';
import type { Edit, Node } from './operators.ts';

/** One small change of one file. */
export type Mutant = Edit & {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** The type of the changed node. */
  readonly kind: string;
  readonly before: string;
};

/** Every mutant of a TypeScript source, in the order of the source. Types and imports have none. */
export function findMutants(file: string, source: string): Mutant[] {
  const mutants: Mutant[] = [];
  walk(parseAst(source, { lang: 'ts' }), (node) => {
    for (const edit of operators[node.type]?.(node, source) ?? []) {
      const before = source.slice(edit.start, edit.end);
      if (before === edit.text) continue;
      mutants.push({ ...edit, file, kind: node.type, before, line: source.slice(0, edit.start).split('\n').length });
    }
  });
  return mutants;
}

/** The source with the change. */
export function applyEdit(source: string, { start, end, text }: Edit): string {
  return source.slice(0, start) + text + source.slice(end);
}

/** Nodes around an expression that exist only for the compiler. */
const typedExpressions = ['TSAsExpression', 'TSSatisfiesExpression', 'TSNonNullExpression'];

function walk(node: unknown, visit: (node: Node) => void): void {
  if (Array.isArray(node)) {
    for (const one of node) walk(one, visit);
    return;
  }
  if (!isNode(node) || node.type.startsWith('Import')) return;
  if (typedExpressions.includes(node.type)) return walk(node['expression'], visit);
  if (node.type.startsWith('TS')) return;
  visit(node);
  for (const [name, child] of Object.entries(node)) {
    const isName = name === 'source' || (name === 'key' && node['computed'] !== true);
    if (!isName) walk(child, visit);
  }
}
