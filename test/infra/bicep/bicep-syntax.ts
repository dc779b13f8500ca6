import { createRequire } from 'node:module';
import { Language, Parser } from 'web-tree-sitter';
import type { Node } from 'web-tree-sitter';
import type { Finding } from '../checks/finding.ts';

/** Parses Bicep text into a syntax tree. */
export type ParseBicep = (text: string) => Node;

/** A parser with the Bicep grammar. It knows no `extension`, no spread and no .bicepparam: infra/ uses none of them. */
export async function createBicepParser(): Promise<ParseBicep> {
  await Parser.init();
  const grammar = createRequire(import.meta.url).resolve('tree-sitter-bicep/tree-sitter-bicep.wasm');
  const parser = new Parser();
  parser.setLanguage(await Language.load(grammar));
  return function parseBicep(text) {
    const tree = parser.parse(text);
    if (tree === null) throw new Error('the Bicep grammar is not loaded');
    return tree.rootNode;
  };
}

/** Every place where the text is not Bicep. */
export function syntaxFindings(file: string, nodes: readonly Node[]): Finding[] {
  return nodes
    .filter((node) => node.isError || node.isMissing)
    .map((node) => ({ file, line: lineOf(node), rule: 'syntax', message: `cannot read: ${node.text.slice(0, 60)}` }));
}

/** The node and everything below it, in order of the text. */
export function descendantsOf(node: Node): Node[] {
  return [node, ...node.children.flatMap(descendantsOf)];
}

/** The line a node starts on, from 1. */
export function lineOf(node: Node): number {
  return node.startPosition.row + 1;
}
