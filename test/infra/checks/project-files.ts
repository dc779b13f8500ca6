import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import type { BicepFile } from '../bicep/bicep-model.ts';
import { findingsIn } from './finding.ts';
import type { Finding } from './finding.ts';
import { workflowFindings } from './workflows.ts';

export type ProjectFiles = {
  readonly main: BicepFile;
  readonly parameters: string;
  readonly readme: string;
  readonly azureYaml: string;
  readonly hostJson: string;
  /** Text of each workflow by its path. */
  readonly workflows: Readonly<Record<string, string>>;
  /** Paths of the files that may be run. */
  readonly executables: readonly string[];
};

const parametersFile = z.strictObject({
  $schema: z.string(),
  contentVersion: z.literal('1.0.0.0'),
  parameters: z.record(z.string(), z.strictObject({ value: z.union([z.string(), z.record(z.string(), z.string())]) })),
});
const script = z.strictObject({ shell: z.enum(['sh', 'pwsh']), run: z.string() });
const hook = z.strictObject({ posix: script, windows: script });
const azureFile = z.strictObject({
  name: z.string().regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/),
  metadata: z.strictObject({ template: z.string() }),
  requiredVersions: z.strictObject({ azd: z.string() }),
  services: z.record(
    z.string(),
    z.strictObject({
      project: z.literal('.'),
      language: z.enum(['js', 'ts']),
      host: z.literal('function'),
      remoteBuild: z.literal(false),
      hooks: z.partialRecord(z.enum(['prepackage', 'predeploy', 'postdeploy']), hook),
    }),
  ),
  pipeline: z.strictObject({ provider: z.enum(['github', 'azdo']), variables: z.array(z.string()) }),
});
/** Parameters, azure.yaml and workflows that are not valid, or do not fit the templates and each other. */
export function projectFindings(files: ProjectFiles): Finding[] {
  return [
    ...parameterFindings(files),
    ...azureFindings(files),
    ...hostFindings(files),
    ...workflowFindings(files.workflows, variablesIn(files.parameters)),
  ];
}

function parameterFindings({ main, parameters, readme }: ProjectFiles): Finding[] {
  const say = findingsIn('main.parameters.json', 'parameters');
  const parsed = parametersFile.safeParse(JSON.parse(parameters));
  if (!parsed.success) return [say(z.prettifyError(parsed.error))];
  const given = Object.entries(parsed.data.parameters);
  const declared = main.declarations.filter(({ kind }) => kind === 'param');
  return [
    ...given
      .filter(([name]) => !declared.some((param) => param.name === name))
      .map(([name]) => say(`main.bicep has no parameter ${name}`)),
    ...declared
      .filter((param) => param.value === undefined && !given.some(([name]) => name === param.name))
      .map(({ name }) => say(`the parameter ${name} is not given`)),
    ...variablesIn(parameters)
      .filter((name) => !readme.includes(`\`${name}\``))
      .map((name) => say(`infra/README.md does not explain ${name}`)),
    ...given.flatMap(([name, { value }]) => {
      const fallback = typeof value === 'string' ? /^\$\{\w+=(.*)\}$/.exec(value)?.[1] : undefined;
      const ownDefault = declared.find((param) => param.name === name)?.value;
      const isSame = ownDefault?.kind === 'literal' && String(ownDefault.value) === fallback;
      return fallback === undefined || isSame ? [] : [say(`${name} has another default in main.bicep`)];
    }),
  ];
}

function azureFindings({ main, azureYaml, parameters, executables }: ProjectFiles): Finding[] {
  const say = findingsIn('azure.yaml', 'azd');
  const parsed = azureFile.safeParse(parseYaml(azureYaml));
  if (!parsed.success) return [say(z.prettifyError(parsed.error))];
  const { services, pipeline } = parsed.data;
  const hooks = Object.values(services).flatMap(({ hooks: each }) => Object.values(each));
  const scripts = hooks.flatMap(({ posix, windows }) => [
    posix.run,
    /(\S+\.sh);/.exec(windows.run)?.[1] ?? windows.run,
  ]);
  return [
    ...Object.keys(services)
      .filter((name) => !main.text.includes(`'azd-service-name': '${name}'`))
      .map((name) => say(`no resource is tagged azd-service-name ${name}`)),
    ...scripts.filter((path) => !executables.includes(path)).map((path) => say(`${path} is no executable file`)),
    ...variablesIn(parameters)
      .filter((name) => !name.startsWith('AZURE_') && !pipeline.variables.includes(name))
      .map((name) => say(`pipeline.variables lacks ${name}`)),
    ...pipeline.variables
      .filter((name) => !variablesIn(parameters).includes(name))
      .map((name) => say(`main.parameters.json does not use ${name}`)),
    ...requiredOutputs
      .filter((name) => !main.declarations.some((each) => each.kind === 'output' && each.name === name))
      .map((name) => say(`main.bicep lacks the output ${name}`)),
  ];
}

const hostFile = z.object({
  logging: z.object({
    logLevel: z.record(z.string(), z.string()),
    applicationInsights: z.object({
      samplingSettings: z.object({
        isEnabled: z.literal(true),
        maxTelemetryItemsPerSecond: z.int().min(1).max(5),
        excludedTypes: z.literal('Trace;Exception'),
      }),
    }),
  }),
});

/** Logs that strangers could fill, or that alerts would miss. */
function hostFindings({ hostJson }: ProjectFiles): Finding[] {
  const say = findingsIn('host.json', 'host');
  const parsed = hostFile.safeParse(JSON.parse(hostJson));
  if (!parsed.success) return [say(z.prettifyError(parsed.error))];
  const levels = Object.entries(parsed.data.logging.logLevel);
  return [
    ...(parsed.data.logging.logLevel['Function.health-live'] === 'Warning'
      ? []
      : [say('anybody can fill the log through health/live')]),
    ...levels
      .filter(
        ([category, level]) =>
          /^(default|Host\.Results|Function(?!\.health-live$).*)$/.test(category) && level !== 'Information',
      )
      .map(([category]) => say(`alerts need ${category} at Information`)),
  ];
}

/** What azd, the hooks and the commands for consent and diagnosis read from the environment after `azd provision`. */
const requiredOutputs = [
  'AZURE_LOCATION',
  'AZURE_TENANT_ID',
  'AZURE_RESOURCE_GROUP',
  'AZURE_FUNCTION_NAME',
  'AZURE_KEY_VAULT_NAME',
  'SERVICE_API_NAME',
  'SERVICE_API_URL',
  'CALLER_AUTH',
  'KEY_VAULT_URL',
  'REFRESH_TOKEN_VAULT_URL',
  'USAGE_STORAGE_URL',
  'USAGE_CONTAINER',
  'PARTNER_CENTER_TENANT_ID',
  'PARTNER_CENTER_CLIENT_ID',
];

/** The variables that a file of parameters takes from azd's environment. */
function variablesIn(text: string): string[] {
  return [...new Set([...text.matchAll(/\$\{(\w+)/g)].map(([, name = '']) => name))];
}
