import { readFile, readdir, stat } from 'node:fs/promises';
import { settingsSchema } from '../../../shared/settings.ts';
import { failureCodes } from '../../../shared/errors.ts';
import { logEvents } from '../../../shared/log.ts';
import { alertFindings } from './alerts.ts';
import { syntaxFindings } from '../bicep/bicep-syntax.ts';
import { changingValueFindings } from './changing-values.ts';
import type { Finding } from './finding.ts';
import { readInfra } from './infra-files.ts';
import { moduleFindings } from '../bicep/modules.ts';
import { nameFindings } from './names.ts';
import { projectFindings } from './project-files.ts';
import { knownResourceTypes, resourceTypeFindings } from '../bicep/resource-types.ts';
import { roleFindings } from './roles.ts';
import { securityFindings } from './security.ts';
import { settingFindings } from './settings.ts';

/** Settings that the templates set ahead of the schema. */
const comingSettings = ['CALLER_AUTH'];

/** Everything that is wrong in the infrastructure of a project folder, which must hold infra/, azure.yaml and .github/workflows/. */
export async function checkInfra(project: URL): Promise<Finding[]> {
  const { bicep, texts } = await readInfra(new URL('infra/', project));
  const [main] = bicep.filter(({ path }) => path === 'main.bicep');
  const [app] = bicep.filter(({ path }) => path === 'modules/app.bicep');
  const parameters = texts['main.parameters.json'];
  if (main === undefined || app === undefined || parameters === undefined) throw new Error('infra/ is not complete');
  const unreadable = bicep.flatMap(({ path, nodes }) => syntaxFindings(path, nodes));
  // What cannot be read would only look like many undefined names.
  if (unreadable.length > 0) return unreadable;
  return [
    ...bicep.flatMap((file) => [
      ...nameFindings(file),
      ...resourceTypeFindings(file, knownResourceTypes),
      ...securityFindings(file),
      ...roleFindings(file),
    ]),
    ...moduleFindings(bicep),
    ...changingValueFindings(main, parameters),
    ...settingFindings(app, parameters, [...Object.keys(settingsSchema.shape), ...comingSettings]),
    ...alertFindings(texts['alerts.json'] ?? '[]', Object.keys(logEvents), failureCodes),
    ...projectFindings({
      main,
      parameters,
      readme: texts['README.md'] ?? '',
      azureYaml: await readFile(new URL('azure.yaml', project), 'utf8'),
      hostJson: await readFile(new URL('host.json', project), 'utf8'),
      workflows: await readWorkflows(project),
      executables: await executablesIn(project, Object.keys(texts)),
    }),
  ];
}

async function readWorkflows(project: URL): Promise<Record<string, string>> {
  const folder = new URL('.github/workflows/', project);
  const names = await readdir(folder);
  const texts = await Promise.all(names.map((name) => readFile(new URL(name, folder), 'utf8')));
  return Object.fromEntries(names.map((name, position) => [`.github/workflows/${name}`, texts[position] ?? '']));
}

async function executablesIn(project: URL, paths: readonly string[]): Promise<string[]> {
  const all = await Promise.all(
    paths.map(async (path) => {
      const { mode } = await stat(new URL(`infra/${path}`, project));
      return (mode & 0o111) === 0 ? [] : [`infra/${path}`];
    }),
  );
  return all.flat();
}
