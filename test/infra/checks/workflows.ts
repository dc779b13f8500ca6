import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { findingsIn } from './finding.ts';
import type { Finding } from './finding.ts';

const lenient = { 'continue-on-error': z.unknown().optional() };
const step = z.union([
  z.object({ uses: z.string(), with: z.record(z.string(), z.unknown()).optional(), ...lenient }),
  z.object({ run: z.string(), ...lenient }),
]);
const job = z.object({
  ...lenient,
  if: z.string().optional(),
  'runs-on': z.string(),
  'timeout-minutes': z.number(),
  needs: z.union([z.string().transform((name) => [name]), z.array(z.string())]).default([]),
  environment: z.string().optional(),
  permissions: z.record(z.string(), z.string()).default({}),
  env: z.record(z.string(), z.string()).optional(),
  steps: z.array(step),
});
const workflowFile = z.object({
  name: z.string(),
  on: z.record(z.string(), z.unknown()),
  permissions: z.record(z.string(), z.enum(['read', 'none'])),
  jobs: z.record(z.string(), job),
});

type Job = z.infer<typeof job>;
type Jobs = z.infer<typeof workflowFile>['jobs'];

/** The events that run code of a stranger without any right, or code that is in the repository. */
const events = ['push', 'pull_request', 'workflow_dispatch'];

/** azd replaces these with the signed-in principal's own, whatever the environment says. */
const ownOfAzd = ['AZURE_PRINCIPAL_ID', 'AZURE_PRINCIPAL_TYPE'];

/** Workflows that cannot be read, run code that others may change, or let code of packages come near the identity that deploys. */
export function workflowFindings(workflows: Readonly<Record<string, string>>, variables: readonly string[]): Finding[] {
  return Object.entries(workflows).flatMap(([file, text]) => {
    const say = findingsIn(file, 'workflow');
    const parsed = workflowFile.safeParse(parseYaml(text));
    if (!parsed.success) return [say(z.prettifyError(parsed.error))];
    const { jobs, on } = parsed.data;
    const messages = [
      ...[...text.matchAll(/secrets\.(\w+)/g)].map(([, name]) => `needs the stored secret ${name}`),
      ...(/\bsecrets\s*[)[:]/.test(text) ? ['needs stored secrets'] : []),
      ...Object.keys(on)
        .filter((event) => !events.includes(event))
        .map((event) => `${event} is no event to run at`),
      ...Object.entries(jobs).flatMap(([name, each]) => checkSteps(name, each)),
      ...[...text.matchAll(/uses: (.+)/g)].flatMap(([, action = '']) => checkAction(action)),
      ...Object.entries(jobs).flatMap(([name, each]) => checkCheckout(name, each)),
      ...Object.values(jobs).flatMap((each) =>
        'id-token' in each.permissions ? checkDeploying(each, jobs, variables) : [],
      ),
      ...Object.entries(jobs).flatMap(([name, each]) =>
        commandsOf(each).includes('azd ') && !('id-token' in each.permissions)
          ? [`${name} calls azd without id-token`]
          : [],
      ),
    ];
    return messages.map((message) => say(message));
  });
}

function checkAction(action: string): string[] {
  return /^[\w.-]+\/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action)
    ? []
    : [`${action} is not pinned by its commit, with the version behind it`];
}

function checkCheckout(name: string, { steps }: Job): string[] {
  return steps.some(
    (each) =>
      'uses' in each && each.uses.startsWith('actions/checkout@') && each.with?.['persist-credentials'] !== false,
  )
    ? [`${name} leaves its token in the checkout`]
    : [];
}

function checkSteps(name: string, checked: Job): string[] {
  const isLenient = [checked, ...checked.steps].some((each) => each['continue-on-error'] !== undefined);
  return [
    ...(isLenient ? [`${name} goes on after an error`] : []),
    // What an event brings along, such as a title, would run as a command. A step takes it from a variable.
    ...(commandsOf(checked).includes('${{') ? [`${name}: a command holds an expression`] : []),
  ];
}

function checkDeploying(deploying: Job, jobs: Jobs, variables: readonly string[]): string[] {
  const { needs, environment, env = {}, steps } = deploying;
  const names = Object.keys(env);
  const commands = commandsOf(deploying);
  const builds = needs.flatMap((name) => jobs[name] ?? []).map(commandsOf);
  const isNodeUsed =
    /\b(?:npm|npx|node|yarn|pnpm)\b/.test(commands) ||
    steps.some((each) => 'uses' in each && each.uses.startsWith('actions/setup-node@'));
  return [
    ...(environment === 'production' ? [] : ['deploys outside the environment production']),
    ...(deploying.if === undefined ? [] : ['deploys under a condition of its own, not when all before it has passed']),
    ...(isNodeUsed ? ['runs packages beside the identity that deploys'] : []),
    ...(/azd deploy \w+ --from-package /.test(commands) ? [] : ['azd deploy builds beside the identity that deploys']),
    ...['npm test', 'npm audit --omit=dev', 'npm@11'].flatMap((wanted) =>
      builds.some((build) => build.includes(wanted)) ? [] : [`deploys what was built without ${wanted}`],
    ),
    ...variables
      .filter((name) => !names.includes(name) && !ownOfAzd.includes(name))
      .map((name) => `azd provision lacks ${name}`),
    ...names.filter((name) => ownOfAzd.includes(name)).map((name) => `azd sets ${name} itself`),
  ];
}

function commandsOf({ steps }: Job): string {
  return steps.flatMap((each) => ('run' in each ? [each.run] : [])).join('\n');
}
