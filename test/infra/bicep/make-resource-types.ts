import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { readInfra } from '../checks/infra-files.ts';
import { resourceTypeFindings } from './resource-types.ts';
import type { ResourceType } from './resource-types.ts';

/**
 * Writes bicep-types.json: of every resource type in infra/ the object types in use, from the type index that the MIT package
 * `@azure/mcp-linux-x64` carries. `node test/infra/bicep/make-resource-types.ts <path of its azmcp>`; needs no network and no sign-in. Then `npm run format`.
 */
const property = z.object({ name: z.string(), type: z.string(), flags: z.string().optional() });
const object = z.object({
  name: z.string(),
  properties: z.array(property).optional(),
  baseProperties: z.array(property).optional(),
  additionalPropertiesType: z.string().nullish(),
});
const body = z.union([z.object({ elements: z.array(object) }), object]);
const entry = object.extend({ $type: z.string(), bodyType: body.optional() });
const answer = z.object({ results: z.object({ BicepSchemaResult: z.array(entry) }) });

const [azmcp = 'azmcp'] = process.argv.slice(2);
const files = (await readInfra(new URL('../../../infra/', import.meta.url))).bicep;
const used = new Set(
  files.flatMap(({ declarations }) => declarations.filter(({ kind }) => kind === 'resource').map(({ type }) => type)),
);
const full: Record<string, ResourceType> = {};
for (const type of [...used].toSorted()) {
  const known = askFor(type);
  if (known === undefined) console.log(`not in the type index, keep it in bicep-types-by-hand.json: ${type}`);
  else full[type] = known;
}
writeFileSync(new URL('bicep-types.json', import.meta.url), `${JSON.stringify(trimmed(full))}\n`);

function askFor(type: string): ResourceType | undefined {
  const args = ['bicepschema', 'get', '--resource-type', type.split('@')[0] ?? ''];
  const env = { ...process.env, AZURE_MCP_COLLECT_TELEMETRY: 'false' };
  try {
    const output = execFileSync(azmcp, args, {
      env,
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const entries = answer.parse(JSON.parse(output)).results.BicepSchemaResult;
    const resource = entries.find(({ $type, name }) => $type === 'Resource' && name === type);
    if (resource?.bodyType === undefined) throw new Error(`the type index has another version of ${type}`);
    const bodies = 'elements' in resource.bodyType ? resource.bodyType.elements : [resource.bodyType];
    const objects = entries.filter(({ $type }) => $type === 'Object');
    return {
      bodies: bodies.map(membersOf),
      types: Object.fromEntries(objects.map((each) => [each.name, membersOf(each)])),
    };
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('the type index')) throw error;
    return undefined;
  }
}

function membersOf({ properties = [], baseProperties = [], additionalPropertiesType }: z.infer<typeof object>) {
  const members = [...baseProperties, ...properties].map(({ name, type, flags = '' }) => {
    const mark = flags.includes('ReadOnly') ? '~' : flags.includes('Required') ? '!' : '';
    return [name, `${mark}${type}`];
  });
  const others = typeof additionalPropertiesType === 'string' ? [['*', additionalPropertiesType]] : [];
  return Object.fromEntries([...members, ...others]);
}

/** Keeps what infra/ uses whole, and of what hangs on it the names, so that a first use says what to do. */
function trimmed(all: Record<string, ResourceType>): Record<string, ResourceType> {
  const inUse = new Map<string, Set<string>>();
  for (const file of files) {
    resourceTypeFindings(file, all, (resource, type) => {
      inUse.set(resource, (inUse.get(resource) ?? new Set()).add(type));
    });
  }
  return Object.fromEntries(
    Object.entries(all).map(([resource, { bodies, types }]) => {
      const names = files.flatMap(({ text }) => bodies.filter((each) => text.includes(`'${each['name']?.slice(1)}'`)));
      const keptBodies = bodies.length === 1 ? bodies : bodies.filter((each) => names.includes(each));
      const kept = Object.entries(types).filter(([name]) => inUse.get(resource)?.has(name) === true);
      const mentioned = [...keptBodies, ...kept.map(([, members]) => members)]
        .flatMap((members) => Object.values(members ?? {}))
        .flatMap((type) => type.replace(/[!~()[\]]/g, '').split(' | '))
        .filter((name) => name in types);
      return [
        resource,
        {
          bodies: keptBodies,
          types: { ...Object.fromEntries(mentioned.map((name) => [name, null])), ...Object.fromEntries(kept) },
        },
      ];
    }),
  );
}
