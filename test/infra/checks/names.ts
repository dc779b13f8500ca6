import type { Node } from 'web-tree-sitter';
import type { BicepFile, Declaration } from '../bicep/bicep-model.ts';
import { lineOf } from '../bicep/bicep-syntax.ts';
import type { Finding } from './finding.ts';

const functions = new Set(
  (
    'array concat contains deployment empty endsWith environment filter first flatten format guid int intersection items join ' +
    'json last length loadJsonContent loadTextContent map max min newGuid objectKeys padLeft parseCidr range reduce ' +
    'reference replace resourceGroup resourceId skip sort split startsWith string subscription subscriptionResourceId ' +
    'substring take tenant tenantResourceId toLower toObject toUpper trim union uniqueString uri uriComponent utcNow'
  ).split(' '),
);
const decorators = new Set(
  'allowed description export maxLength maxValue metadata minLength minValue secure'.split(' '),
);
const described = new Set<Declaration['kind']>(['param', 'output']);
const mustBeUsed = new Set<Declaration['kind']>(['param', 'var']);

/** Names that are undefined, declared twice or never used, unknown functions and decorators, and missing descriptions. */
export function nameFindings(file: BicepFile): Finding[] {
  const { nodes } = file;
  const local = new Set(
    nodes.filter(({ type }) => ['loop_variable', 'loop_enumerator'].includes(type)).map(({ text }) => text),
  );
  for (const name of nodes.flatMap(localNamesOf)) local.add(name);
  const declared = file.declarations.filter(({ kind }) => kind !== 'output');
  const known = new Set(declared.map(({ name }) => name));
  const uses = nodes.filter((node) => node.type === 'identifier' && isUse(node));

  const undefinedNames = uses
    .filter((node) => !known.has(node.text) && !local.has(node.text))
    .map((node) => finding(lineOf(node), `${node.text} is not declared`));
  const calls = nodes.filter(({ type }) => type === 'call_expression').flatMap(checkCall);
  const twice = declared
    .filter(({ name }, position) => declared.findIndex((other) => other.name === name) !== position)
    .map(({ name, line }) => finding(line, `${name} is declared twice`));
  const unused = declared
    .filter(({ kind, isExisting }) => mustBeUsed.has(kind) || isExisting)
    .filter(({ name }) => !uses.some((node) => node.text === name))
    .map(({ name, kind, line }) => finding(line, `${kind} ${name} is never used`));
  const undescribed = file.declarations
    .filter(
      ({ kind, decorators: given }) =>
        described.has(kind) && !given.some(({ text }) => text.startsWith('@description(')),
    )
    .map(({ name, kind, line }) => finding(line, `${kind} ${name} has no description`));
  return [...undefinedNames, ...calls, ...twice, ...unused, ...undescribed];

  function checkCall(call: Node): Finding[] {
    const name = call.childForFieldName('function');
    if (name?.type !== 'identifier') return [];
    const isDecorator = call.parent?.type === 'decorator';
    if ((isDecorator ? decorators : functions).has(name.text)) return [];
    return [finding(lineOf(call), `${isDecorator ? 'decorator' : 'function'} ${name.text} is not known`)];
  }

  function finding(line: number, message: string): Finding {
    return { file: file.path, line, rule: 'names', message };
  }
}

/** A name that is read, not one that is being declared, called, or used as a key. */
function isUse(node: Node): boolean {
  const { parent } = node;
  if (parent === null) return false;
  const isFirst = parent.namedChildren[0]?.id === node.id;
  if (parent.type.endsWith('_declaration')) return !isFirst;
  if (parent.type === 'object_property') return !isFirst;
  if (parent.type === 'call_expression') return parent.childForFieldName('function')?.id !== node.id;
  if (parent.type === 'for_statement') return parent.childForFieldName('initializer')?.id !== node.id;
  if (parent.type === 'lambda_expression') return !isFirst;
  return true;
}

function localNamesOf(node: Node): string[] {
  const name =
    node.type === 'for_statement'
      ? node.childForFieldName('initializer')
      : node.type === 'lambda_expression'
        ? node.namedChildren[0]
        : null;
  return name?.type === 'identifier' ? [name.text] : [];
}
