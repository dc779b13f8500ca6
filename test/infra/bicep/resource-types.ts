import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { BicepFile, Declaration, Expression } from './bicep-model.ts';
import { declarationOf, literalAt, valueAt } from './bicep-model.ts';
import type { Finding } from '../checks/finding.ts';

/** Property name to type; `!` marks a required property, `~` one that only Azure sets, the name `*` all other names. */
const objectType = z.record(z.string(), z.string());
const resourceType = z.strictObject({
  /** What a resource may say; several where its `name` decides (sites/config). */
  bodies: z.array(objectType),
  /** `null`: known by name only, because nothing in infra/ uses it. */
  types: z.record(z.string(), objectType.nullable()),
});

const resourceTypesSchema = z.record(z.string(), resourceType);

type ObjectType = z.infer<typeof objectType>;
export type ResourceType = z.infer<typeof resourceType>;
export type ResourceTypes = Readonly<Record<string, ResourceType>>;

/** The type data this repository carries: made by make-resource-types.ts, and by hand where Azure's type index has a gap. */
export const knownResourceTypes: ResourceTypes = {
  ...readTypes('./bicep-types.json'),
  ...readTypes('./bicep-types-by-hand.json'),
};

function readTypes(name: string): ResourceTypes {
  return resourceTypesSchema.parse(JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8')));
}

/** Properties that belong to Bicep, not to the resource. */
const bicepOwn = new Set(['parent', 'scope', 'dependsOn', 'name']);

/** Every property, value or missing property that Azure's types do not allow. `onType` hears of each object type in use. */
export function resourceTypeFindings(
  file: BicepFile,
  resourceTypes: ResourceTypes,
  onType: (resource: string, type: string) => void = () => {},
): Finding[] {
  return file.declarations.filter(({ kind }) => kind === 'resource').flatMap(checkResource);

  function checkResource(resource: Declaration): Finding[] {
    const known = resourceTypes[resource.type];
    if (known === undefined)
      return [finding(resource.line, `${resource.type} is not a known resource type and version`)];
    if (valueAt(resource.value, 'name') === undefined) return [finding(resource.line, `${resource.name} has no name`)];
    if (resource.isExisting || resource.value === undefined) return [];
    const name = literalAt(resource.value, 'name');
    const body = known.bodies.find((candidate) => candidate['name']?.slice(1) === name) ?? known.bodies[0];
    return body === undefined ? [] : checkObject(resource.value, body, known, resource.type, '');
  }

  function checkObject(
    value: Expression,
    type: ObjectType,
    known: ResourceType,
    resource: string,
    path: string,
  ): Finding[] {
    if (value.kind !== 'object') return [];
    const given = new Set(value.properties.map(({ name }) => name));
    const missing = Object.entries(type)
      .filter(([name, kind]) => kind.startsWith('!') && !given.has(name) && !(path === '' && bicepOwn.has(name)))
      .map(([name]) => finding(value.node.startPosition.row + 1, `${path}${name} is required`));
    const wrong = value.properties.flatMap((property) => {
      const at = `${path}${property.name}`;
      const expected = type[property.name] ?? type['*'];
      if (path === '' && bicepOwn.has(property.name)) return [];
      if (expected === undefined)
        return [finding(property.line, `${at} does not exist; there are ${namesLike(property.name, type)}`)];
      if (expected.startsWith('~')) return [finding(property.line, `${at} is set by Azure alone`)];
      return checkValue(property.value, expected.replace(/^!/, ''), known, resource, at);
    });
    return [...missing, ...wrong];
  }

  function checkValue(value: Expression, type: string, known: ResourceType, resource: string, path: string): Finding[] {
    const again = (part: Expression) => checkValue(part, type, known, resource, path);
    const line = value.node.startPosition.row + 1;
    if (value.kind === 'choice') return value.branches.flatMap(again);
    if (value.kind === 'other') return checkName(value, type, path);
    if (type === 'any' || (value.kind === 'literal' && value.value === null)) return [];
    if (value.kind === 'array') {
      const item = /^\(?(.*?)\)?\[\]$/.exec(type)?.[1];
      if (item === undefined) return [finding(line, `${path} takes no array but ${type}`)];
      return value.items.flatMap((part) => checkValue(part, item, known, resource, path));
    }
    if (value.kind === 'literal') {
      return isAllowed(value.value, type) ? [] : [finding(line, `${path}: ${value.node.text} is not ${type}`)];
    }
    if (!(type in known.types)) return [finding(line, `${path} takes no object but ${type}`)];
    onType(resource, type);
    const object = known.types[type];
    if (object === null || object === undefined)
      return [finding(line, `${path}: run make-resource-types.ts to learn ${type}`)];
    return checkObject(value, object, known, resource, `${path}.`);
  }

  /** A bare name of a parameter with a primitive type, where Azure wants another primitive. */
  function checkName(value: Expression, type: string, path: string): Finding[] {
    const declared = declarationOf(file, value.node.text);
    const primitives = ['string', 'int', 'bool'];
    if (declared?.kind !== 'param' || !primitives.includes(declared.type) || !primitives.includes(type)) return [];
    if (declared.type === type) return [];
    return [finding(value.node.startPosition.row + 1, `${path} takes ${type}, ${declared.name} is ${declared.type}`)];
  }

  function finding(line: number, message: string): Finding {
    return { file: file.path, line, rule: 'resource-type', message };
  }
}

/** An open union (`A | B | string`) counts as closed: a value that Azure's own list lacks is a slip until shown otherwise. */
function isAllowed(value: string | number | boolean | null, type: string): boolean {
  const members = type.split(' | ');
  const literals = members.filter((member) => !['string', 'int', 'bool'].includes(member));
  if (literals.includes(String(value))) return true;
  if (typeof value === 'number') return members.includes('int');
  if (typeof value === 'boolean') return members.includes('bool');
  return literals.length === 0 && members.includes('string');
}

function namesLike(name: string, type: ObjectType): string {
  const start = name.slice(0, 3).toLowerCase();
  const near = Object.keys(type).filter((other) => other.toLowerCase().includes(start));
  return (near.length > 0 ? near : Object.keys(type)).slice(0, 5).join(', ');
}
