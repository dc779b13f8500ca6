import { posix } from 'node:path';
import type { BicepFile, Declaration } from './bicep-model.ts';
import { expressionOf, valueAt } from './bicep-model.ts';
import { descendantsOf, lineOf } from './bicep-syntax.ts';
import type { Finding } from '../checks/finding.ts';

/** Modules that are not there, their parameters against what they declare, and outputs that nobody declares. */
export function moduleFindings(files: readonly BicepFile[]): Finding[] {
  return files.flatMap((file) =>
    file.declarations.filter(({ kind }) => kind === 'module').flatMap((module) => checkModule(file, module)),
  );

  function checkModule(file: BicepFile, module: Declaration): Finding[] {
    const path = posix.join(posix.dirname(file.path), module.type);
    const target = files.find((candidate) => candidate.path === path);
    if (target === undefined) return [finding(file, module.line, `${module.type} does not exist`)];
    const outside = module.value?.kind === 'object' ? module.value.properties : [];
    const strange = outside.filter(({ name }) => !['name', 'scope', 'params', 'dependsOn'].includes(name));
    const params = target.declarations.filter(({ kind }) => kind === 'param');
    const value = valueAt(module.value, 'params');
    const given = value?.kind === 'object' ? value.properties : [];
    const missing = params
      .filter((param) => param.value === undefined && !given.some(({ name }) => name === param.name))
      .map((param) => finding(file, module.line, `${module.name} needs the parameter ${param.name}`));
    const wrong = given.flatMap(({ name, line, value: argument }) => {
      const param = params.find((candidate) => candidate.name === name);
      if (param === undefined) return [finding(file, line, `${module.type} has no parameter ${name}`)];
      if (argument.kind !== 'literal' || isAccepted(param, argument.value)) return [];
      return [finding(file, line, `${name} does not take ${argument.node.text}`)];
    });
    return [
      ...strange.map(({ name, line }) => finding(file, line, `a module has no ${name}`)),
      // Without a scope a module of main.bicep would be deployed to the subscription.
      ...(valueAt(module.value, 'scope') === undefined
        ? [finding(file, module.line, `${module.name} has no scope`)]
        : []),
      ...missing,
      ...wrong,
      ...checkOutputs(file, module, target),
    ];
  }
}

function checkOutputs(file: BicepFile, module: Declaration, target: BicepFile): Finding[] {
  const outputs = new Set(target.declarations.filter(({ kind }) => kind === 'output').map(({ name }) => name));
  return file.nodes
    .filter(({ type }) => type === 'property_identifier')
    .filter((node) =>
      new RegExp(`^${module.name}\\.\\??outputs$`).test(node.parent?.childForFieldName('object')?.text ?? ''),
    )
    .filter((node) => !outputs.has(node.text))
    .map((node) => finding(file, lineOf(node), `${module.type} has no output ${node.text}`));
}

function isAccepted(param: Declaration, value: string | number | boolean | null): boolean {
  if (value === null) return false;
  const types: Readonly<Record<string, string>> = { string: 'string', number: 'int', boolean: 'bool' };
  if (types[typeof value] !== param.type) return false;
  const allowed = param.decorators.find(({ text }) => text.startsWith('@allowed('));
  const list = allowed === undefined ? undefined : descendantsOf(allowed).find(({ type }) => type === 'array');
  if (list === undefined) return true;
  const members = expressionOf(list);
  return members.kind === 'array' && members.items.some((item) => item.kind === 'literal' && item.value === value);
}

function finding(file: BicepFile, line: number, message: string): Finding {
  return { file: file.path, line, rule: 'modules', message };
}
