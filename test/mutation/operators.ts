/** A node of an ESTree syntax tree. */
export type Node = { readonly type: string; readonly start: number; readonly end: number } & Readonly<
  Record<string, unknown>
>;

/** A change of the source: `text` instead of the characters from `start` to `end`. */
export type Edit = { readonly start: number; readonly end: number; readonly text: string };

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value && 'end' in value;
}

type Operator = (node: Node, source: string) => readonly Edit[];

const binary: Readonly<Record<string, readonly string[]>> = {
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '%': ['*'],
  '**': ['*'],
  '<<': ['>>'],
  '>>': ['<<'],
  '>>>': ['<<'],
  '&': ['|'],
  '|': ['&'],
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '===': ['!=='],
  '!==': ['==='],
};
const logical: Readonly<Record<string, readonly string[]>> = { '&&': ['||'], '||': ['&&'], '??': ['&&'] };
const assignments: Readonly<Record<string, readonly string[]>> = {
  '+=': ['-='],
  '-=': ['+='],
  '*=': ['/='],
  '/=': ['*='],
  '??=': ['&&='],
  '||=': ['&&='],
  '&&=': ['||='],
};
/** Methods and the ones that they are mistaken for; '' leaves the call out. */
const methods: Readonly<Record<string, string>> = {
  some: 'every',
  every: 'some',
  startsWith: 'endsWith',
  endsWith: 'startsWith',
  toLowerCase: 'toUpperCase',
  toUpperCase: 'toLowerCase',
  min: 'max',
  max: 'min',
  floor: 'ceil',
  ceil: 'floor',
  trim: '',
  filter: '',
  slice: '',
  subarray: '',
  toSorted: '',
  toReversed: '',
};

/** The usual mutation operators (those of Stryker but for its regular expressions), by the type of the node that they change. */
export const operators: Readonly<Record<string, Operator>> = {
  BinaryExpression: (node, source) => (isConcatenation(node) ? [] : replaceOperator(node, source, binary)),
  LogicalExpression: (node, source) => replaceOperator(node, source, logical),
  AssignmentExpression: (node, source) => replaceOperator(node, source, assignments),
  UpdateExpression: (node, source) => {
    const text = sliceOf(node, source);
    return [replace(node, text.includes('++') ? text.replace('++', '--') : text.replace('--', '++'))];
  },
  UnaryExpression: (node, source) =>
    ['!', '-'].includes(String(node['operator'])) ? [replace(node, sliceOf(node['argument'], source))] : [],
  ConditionalExpression: ({ test }) => replaceTest(test, ['true', 'false']),
  IfStatement: ({ test }) => replaceTest(test, ['true', 'false']),
  WhileStatement: ({ test }) => replaceTest(test, ['false']),
  ForStatement: ({ test }) => replaceTest(test, ['false']),
  BlockStatement: (node) => (isEmpty(node['body']) ? [] : [replace(node, '{}')]),
  ArrayExpression: (node) => (isEmpty(node['elements']) ? [] : [replace(node, '[]')]),
  ObjectExpression: (node) => (isEmpty(node['properties']) ? [] : [replace(node, '({})')]),
  ArrowFunctionExpression: ({ body }) =>
    isNode(body) && body.type !== 'BlockStatement' ? [replace(body, 'undefined')] : [],
  Literal: (node) => {
    const { value } = node;
    if (typeof value === 'boolean') return [replace(node, String(!value))];
    return typeof value === 'string' ? [replace(node, value === '' ? "'mutant'" : "''")] : [];
  },
  TemplateLiteral: (node) => [replace(node, '``')],
  CallExpression: replaceMethod,
  MemberExpression: (node, source) => {
    const { object, optional } = node;
    if (optional !== true || !isNode(object)) return [];
    const rest = source.slice(object.end, node.end);
    return [{ start: object.end, end: node.end, text: rest.replace(/\?\.(?=\[|\()/, '').replace('?.', '.') }];
  },
};

function replaceMethod({ callee, end }: Node, source: string): readonly Edit[] {
  if (!isNode(callee) || callee.type !== 'MemberExpression') return [];
  const { object, property } = callee;
  if (!isNode(object) || !isNode(property)) return [];
  const other = methods[sliceOf(property, source)];
  if (other === undefined) return [];
  return [other === '' ? { start: object.end, end, text: '' } : replace(property, other)];
}

function replaceOperator(
  { left, right, operator }: Node,
  source: string,
  table: Readonly<Record<string, readonly string[]>>,
): readonly Edit[] {
  if (!isNode(left) || !isNode(right)) return [];
  const between = source.slice(left.end, right.start);
  const others = table[String(operator)] ?? [];
  return others.map((other) => ({
    start: left.end,
    end: right.start,
    text: between.replace(String(operator), () => other),
  }));
}

/** A sum of texts: there is no other operator for them. */
function isConcatenation({ operator, left, right }: Node): boolean {
  return operator === '+' && (isText(left) || isText(right));
}

function isText(node: unknown): boolean {
  if (!isNode(node)) return false;
  if (node.type === 'BinaryExpression') return isConcatenation(node);
  return node.type === 'TemplateLiteral' || typeof node['value'] === 'string';
}

function replaceTest(test: unknown, values: readonly string[]): readonly Edit[] {
  return isNode(test) ? values.map((value) => replace(test, value)) : [];
}

function replace({ start, end }: Node, text: string): Edit {
  return { start, end, text };
}

function sliceOf(node: unknown, source: string): string {
  return isNode(node) ? source.slice(node.start, node.end) : '';
}

function isEmpty(list: unknown): boolean {
  return !Array.isArray(list) || list.length === 0;
}
