import type { Node } from 'web-tree-sitter';
import { descendantsOf, lineOf } from './bicep-syntax.ts';

type Property = { readonly name: string; readonly line: number; readonly value: Expression };

/** What can be known of a value without running it. */
export type Expression = { readonly node: Node } & (
  | { readonly kind: 'object'; readonly properties: readonly Property[] }
  | { readonly kind: 'array'; readonly items: readonly Expression[] }
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  /** Both sides of `condition ? a : b`. */
  | { readonly kind: 'choice'; readonly branches: readonly Expression[] }
  | { readonly kind: 'other' }
);

export type Declaration = {
  readonly kind: 'param' | 'var' | 'resource' | 'module' | 'output';
  readonly name: string;
  readonly line: number;
  readonly node: Node;
  readonly decorators: readonly Node[];
  /** `Type@version` of a resource, the path of a module, the type of a parameter or output. */
  readonly type: string;
  readonly isExisting: boolean;
  /** Value of a variable or output, default of a parameter, body of a resource or module. */
  readonly value: Expression | undefined;
  /** The resource that a nested one is written inside. */
  readonly parent: Declaration | undefined;
};

export type BicepFile = {
  readonly path: string;
  readonly text: string;
  /** Every node of the file, in order of the text. */
  readonly nodes: readonly Node[];
  readonly declarations: readonly Declaration[];
};

const kinds: Readonly<Record<string, Declaration['kind']>> = {
  parameter_declaration: 'param',
  variable_declaration: 'var',
  resource_declaration: 'resource',
  module_declaration: 'module',
  output_declaration: 'output',
};

/** The declarations of a file, nested resources among them. */
export function bicepFileOf(path: string, text: string, root: Node): BicepFile {
  return { path, text, nodes: descendantsOf(root), declarations: declarationsOf(root, undefined) };
}

/** The declaration of that name, if there is one. */
export function declarationOf(file: BicepFile, name: string): Declaration | undefined {
  return file.declarations.find((declaration) => declaration.name === name && declaration.kind !== 'output');
}

/** A property's value by its dotted path, as in `properties.sku.name`; undefined where an object is not written out. */
export function valueAt(value: Expression | undefined, path: string): Expression | undefined {
  return path.split('.').reduce<Expression | undefined>((at, name) => {
    return at?.kind === 'object' ? at.properties.find((property) => property.name === name)?.value : undefined;
  }, value);
}

/** The literal at a dotted path; undefined where there is none. */
export function literalAt(value: Expression | undefined, path: string): string | number | boolean | null | undefined {
  const found = valueAt(value, path);
  return found?.kind === 'literal' ? found.value : undefined;
}

/** What an expression says. */
export function expressionOf(node: Node): Expression {
  switch (node.type) {
    case 'object':
      return { node, kind: 'object', properties: node.namedChildren.flatMap(propertiesOf) };
    case 'array':
      return { node, kind: 'array', items: node.namedChildren.filter(isCode).map(expressionOf) };
    case 'parenthesized_expression':
      return expressionOf(node.namedChildren.find(isCode) ?? node);
    case 'ternary_expression':
      return { node, kind: 'choice', branches: node.namedChildren.filter(isCode).slice(1).map(expressionOf) };
    case 'number':
      return { node, kind: 'literal', value: Number(node.text) };
    case 'boolean':
      return { node, kind: 'literal', value: node.text === 'true' };
    case 'null':
      return { node, kind: 'literal', value: null };
    case 'string':
      return isPlain(node) ? { node, kind: 'literal', value: stringOf(node) } : { node, kind: 'other' };
    default:
      return { node, kind: 'other' };
  }
}

function declarationsOf(scope: Node, parent: Declaration | undefined): Declaration[] {
  let decorators: Node[] = [];
  return scope.namedChildren.flatMap((node) => {
    if (node.type === 'decorators') decorators = node.namedChildren;
    const kind = kinds[node.type];
    if (kind === undefined) return [];
    const declaration = declared(kind, node, decorators, parent);
    decorators = [];
    const nested =
      declaration.value?.kind === 'object' && kind === 'resource' ? declaration.value.node.namedChildren : [];
    return [declaration, ...nested.flatMap((property) => declarationsOf(property, declaration))];
  });
}

function declared(
  kind: Declaration['kind'],
  node: Node,
  decorators: Node[],
  parent: Declaration | undefined,
): Declaration {
  const [name, ...rest] = node.namedChildren.filter(isCode);
  const [first, ...others] = rest;
  const isTyped = kind !== 'var';
  const type = first === undefined || !isTyped ? '' : first.type === 'string' ? stringOf(first) : first.text;
  const valueNode = isTyped ? others.at(-1) : first;
  return {
    kind,
    name: name?.text ?? '',
    line: lineOf(node),
    node,
    decorators,
    type: parent === undefined ? type : nestedTypeOf(parent.type, type),
    isExisting: node.children.some((child) => child.type === 'existing'),
    value: valueNode === undefined ? undefined : expressionOf(bodyOf(valueNode)),
    parent,
  };
}

/** The object behind `if (...)` and `[for ...: ...]`. */
function bodyOf(node: Node): Node {
  if (node.type === 'for_statement') return bodyOf(node.childForFieldName('body') ?? node.namedChildren.at(-1) ?? node);
  if (node.type === 'if_statement') return node.namedChildren.at(-1) ?? node;
  return node;
}

function nestedTypeOf(parentType: string, type: string): string {
  const [path = '', version = ''] = parentType.split('@');
  return `${path}/${type}@${version}`;
}

function propertiesOf(node: Node): Property[] {
  if (node.type !== 'object_property') return [];
  const [key, value] = node.namedChildren.filter(isCode);
  if (key === undefined || value === undefined || key.type === 'resource_declaration') return [];
  const name = key.type === 'string' ? stringOf(key) : key.text;
  return [{ name, line: lineOf(key), value: expressionOf(value) }];
}

function isCode(node: Node): boolean {
  return node.type !== 'comment' && node.type !== 'diagnostic_comment';
}

function isPlain(node: Node): boolean {
  return node.namedChildren.every((child) => child.type !== 'interpolation');
}

function stringOf(node: Node): string {
  return node.namedChildren
    .map((child) => (child.type === 'escape_sequence' ? child.text.slice(1) : child.text))
    .join('');
}
