import { z } from 'zod';
import type { BicepFile } from '../bicep/bicep-model.ts';
import { declarationOf, literalAt, valueAt } from '../bicep/bicep-model.ts';
import { descendantsOf } from '../bicep/bicep-syntax.ts';
import type { Finding } from './finding.ts';

/** Settings of the host itself. Flex Consumption refuses many others (FUNCTIONS_WORKER_RUNTIME, WEBSITE_RUN_FROM_PACKAGE, TZ, ...). */
const hostSettings = new Set([
  'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
  'APPLICATIONINSIGHTS_CONNECTION_STRING',
  'AzureWebJobsDisableHomepage',
  'AzureWebJobsStorage__blobServiceUri',
  'AzureWebJobsStorage__clientId',
  'AzureWebJobsStorage__credential',
]);

/** What the deployment gives unless the operator does: the first argument of `union` holds it, so that the operator's own wins. */
const withDefault = ['PUBLIC_BASE_URL'];

/** In Azure the app signs in as its managed identity and as nothing else. */
const neverInAzure = new Set(['USAGE_CREDENTIAL']);

const parameters = z.object({
  parameters: z.object({ optionalAppSettings: z.object({ value: z.record(z.string(), z.string()) }) }),
});

/** Settings that the templates set and nobody reads, that the app reads and the templates lack, or that are set twice. */
export function settingFindings(app: BicepFile, parametersText: string, appReads: readonly string[]): Finding[] {
  const settings = app.declarations.find(({ value }) => literalAt(value, 'name') === 'appsettings');
  const value = valueAt(settings?.value, 'properties');
  if (settings === undefined || value === undefined) return [finding(1, 'there are no app settings')];
  const identifiers = descendantsOf(value.node).filter(({ type }) => type === 'identifier');
  const defaults = settingsIn(/^union\(\s*(\w+)/.exec(value.node.text)?.[1] ?? '');
  const defaulted = withDefault.filter((name) => defaults.some((setting) => setting.name === name));
  const fixed = identifiers.flatMap(({ text }) => settingsIn(text)).filter(({ name }) => !defaulted.includes(name));
  const optional = Object.keys(parameters.parse(JSON.parse(parametersText)).parameters.optionalAppSettings.value);
  const names = [...fixed, ...optional.map((name) => ({ name, line: settings.line }))];
  const wanted = [...new Set(appReads)].filter((name) => !neverInAzure.has(name));
  return [
    ...withDefault
      .filter((name) => !defaulted.includes(name))
      .map((name) => finding(settings.line, `${name} has no default that the operator can replace`)),
    ...names
      .filter(({ name }) => !hostSettings.has(name) && !wanted.includes(name))
      .map(({ name, line }) => finding(line, `nobody reads the setting ${name}`)),
    ...names
      .filter(({ name }, position) => names.findIndex((other) => other.name === name) !== position)
      .map(({ name, line }) => finding(line, `${name} is set twice`)),
    ...[...wanted, ...hostSettings]
      .filter((name) => !names.some((given) => given.name === name))
      .map((name) => finding(settings.line, `the setting ${name} cannot be set`)),
  ];

  function settingsIn(variable: string) {
    const object = declarationOf(app, variable)?.value;
    return object?.kind === 'object' ? object.properties.map(({ name, line }) => ({ name, line })) : [];
  }

  function finding(line: number, message: string): Finding {
    return { file: app.path, line, rule: 'settings', message };
  }
}
