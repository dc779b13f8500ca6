import type { BicepFile, Declaration, Expression } from '../bicep/bicep-model.ts';
import { declarationOf, literalAt, valueAt } from '../bicep/bicep-model.ts';
import { lineOf } from '../bicep/bicep-syntax.ts';
import type { Finding } from './finding.ts';

/** What a resource must say: the dotted path of a property and the values it may have. */
type Rule = readonly [path: string, ...allowed: (string | number | boolean)[]];

const rules: Readonly<Record<string, readonly Rule[]>> = {
  'Microsoft.Storage/storageAccounts': [
    ['properties.allowSharedKeyAccess', false],
    ['properties.allowBlobPublicAccess', false],
    ['properties.allowCrossTenantReplication', false],
    ['properties.defaultToOAuthAuthentication', true],
    ['properties.minimumTlsVersion', 'TLS1_2', 'TLS1_3'],
    ['properties.supportsHttpsTrafficOnly', true],
  ],
  'Microsoft.Storage/storageAccounts/blobServices': [
    ['properties.deleteRetentionPolicy.enabled', true],
    ['properties.containerDeleteRetentionPolicy.enabled', true],
  ],
  'Microsoft.Storage/storageAccounts/blobServices/containers': [['properties.publicAccess', 'None']],
  'Microsoft.KeyVault/vaults': [
    ['properties.enableRbacAuthorization', true],
    ['properties.enableSoftDelete', true],
    ['properties.softDeleteRetentionInDays', 90],
  ],
  'Microsoft.Web/sites': [
    ['properties.httpsOnly', true],
    ['properties.siteConfig.minTlsVersion', '1.2', '1.3'],
    ['properties.siteConfig.scmMinTlsVersion', '1.2', '1.3'],
    ['properties.functionAppConfig.deployment.storage.authentication.type', 'UserAssignedIdentity'],
    ['identity.type', 'UserAssigned'],
    // As many large answers as an instance has memory for.
    ['properties.functionAppConfig.scaleAndConcurrency.triggers.http.perInstanceConcurrency', 16],
  ],
  'Microsoft.Web/sites/basicPublishingCredentialsPolicies': [['properties.allow', false]],
  // The columns and tables of a new workspace are not there yet.
  'Microsoft.Insights/scheduledQueryRules': [['properties.skipQueryValidation', true]],
  'Microsoft.Insights/components': [['properties.DisableLocalAuth', true]],
  'Microsoft.OperationalInsights/workspaces': [['properties.features.disableLocalAuth', true]],
  'Microsoft.Authorization/roleAssignments': [['properties.principalType', 'ServicePrincipal', 'User', 'Group']],
  'Microsoft.Web/sites/config/authsettingsV2': [
    ['properties.globalValidation.requireAuthentication', true],
    ['properties.globalValidation.unauthenticatedClientAction', 'Return401'],
    ['properties.httpSettings.requireHttps', true],
    ['properties.login.tokenStore.enabled', false],
  ],
};

/** Resource types that a template must not declare: a secret written by a template is a secret in its parameters and history. */
const forbidden = new Set(['Microsoft.KeyVault/vaults/secrets', 'Microsoft.KeyVault/vaults/accessPolicies']);
const secretWords =
  /listKeys|listSecrets|listAccountSas|ConnectionString|InstrumentationKey|SharedKey|AccountKey=|\.getSecret\(/i;
const secretName = /(secret|password|token|credential|key)$/i;
const cloudHosts =
  /core\.windows\.net|vault\.azure\.net|login\.microsoftonline\.com|management\.azure\.com|azurewebsites\.net/;

/** What our own rules forbid: open doors, keys, secrets in outputs, addresses of one cloud. */
export function securityFindings(file: BicepFile): Finding[] {
  return [...file.declarations.flatMap(check), ...checkPublishing(), ...checkTexts()];

  function check(declaration: Declaration): Finding[] {
    if (declaration.kind === 'resource' && !declaration.isExisting) return checkResource(declaration);
    if (
      declaration.kind === 'output' &&
      (secretWords.test(declaration.value?.node.text ?? '') || secretName.test(declaration.name))
    ) {
      return [finding(declaration.line, `output ${declaration.name} may hand out a secret`)];
    }
    if (declaration.kind === 'param' && secretName.test(declaration.name) && !isSecure(declaration)) {
      return [finding(declaration.line, `parameter ${declaration.name} must be @secure()`)];
    }
    return [];
  }

  function checkResource({ type, line, value }: Declaration): Finding[] {
    const [path = ''] = type.split('@');
    const name = literalAt(value, 'name');
    const required = [...(rules[path] ?? []), ...(rules[`${path}/${String(name)}`] ?? [])];
    const broken = required.filter(([at, ...allowed]) => !allowed.some((each) => each === literalAt(value, at)));
    return [
      ...(forbidden.has(path) ? [finding(line, `${path} does not belong in a template`)] : []),
      ...broken.map(([at, ...allowed]) =>
        finding(valueAt(value, at)?.node, `${at} must be ${allowed.join(' or ')}`, line),
      ),
      ...(specialRules[path]?.(value, file) ?? []).map((message) => finding(line, message)),
    ];
  }

  function checkPublishing(): Finding[] {
    const policies = file.declarations.filter(({ type }) => type.includes('/basicPublishingCredentialsPolicies@'));
    const sites = file.declarations.filter(
      ({ type, isExisting }) => type.startsWith('Microsoft.Web/sites@') && !isExisting,
    );
    return sites.flatMap(({ line }) =>
      ['ftp', 'scm']
        .filter((name) => !policies.some(({ value }) => literalAt(value, 'name') === name))
        .map((name) => finding(line, `${name} still takes a user name and password`)),
    );
  }

  function checkTexts(): Finding[] {
    const { nodes } = file;
    const hosts = nodes.filter((node) => node.type === 'string_content' && cloudHosts.test(node.text));
    const keys = nodes.filter((node) => node.type === 'call_expression' && /(^|\.)list[A-Z]\w*\(/.test(node.text));
    return [
      ...hosts.map((node) => finding(node, `${node.text} holds in one cloud only: use environment()`)),
      ...keys.map((node) => finding(node, `${node.text} reads keys`)),
    ];
  }

  function finding(at: Expression['node'] | number | undefined, message: string, line = 1): Finding {
    const found = typeof at === 'number' ? at : at === undefined ? line : lineOf(at);
    return { file: file.path, line: found, rule: 'security', message };
  }
}

/** What Flex Consumption does not take (Azure/azure-functions-flex-consumption, "Deprecated properties and settings"). */
const notOnFlex = [
  'properties.containerSize',
  'properties.isXenon',
  'properties.reserved',
  ...[
    'alwaysOn',
    'ftpsState',
    'functionAppScaleLimit',
    'linuxFxVersion',
    'netFrameworkVersion',
    'windowsFxVersion',
  ].map((name) => `properties.siteConfig.${name}`),
  'properties.siteConfig.appSettings',
];

/** What the app does with the refresh token. */
const dataActions = [
  'Microsoft.KeyVault/vaults/secrets/getSecret/action',
  'Microsoft.KeyVault/vaults/secrets/setSecret/action',
];

function textsIn(value: Expression | undefined): string[] {
  if (value?.kind !== 'array') return ['whatever is not written out'];
  return value.items.map((item) => (item.kind === 'literal' ? String(item.value) : item.node.text));
}

const specialRules: Readonly<Record<string, (value: Expression | undefined, file: BicepFile) => string[]>> = {
  'Microsoft.Authorization/roleAssignments': (value) => [
    ...(valueAt(value, 'scope') === undefined ? ['a role assignment needs a scope below the resource group'] : []),
    ...(valueAt(value, 'name')?.node.text.startsWith('guid(') === true
      ? []
      : ['the name of a role assignment must be a guid(...)']),
  ],
  'Microsoft.Authorization/roleDefinitions': (value, file) => {
    const permissions = valueAt(value, 'properties.permissions');
    const [only, ...more] = permissions?.kind === 'array' ? permissions.items : [];
    const scopes = valueAt(value, 'properties.assignableScopes');
    const [scope, ...others] = scopes?.kind === 'array' ? scopes.items : [];
    const scopeText = declarationOf(file, scope?.node.text ?? '')?.value?.node.text;
    return [
      ...(scopeText === 'resourceGroup().id' && others.length === 0
        ? []
        : ['a role of our own is for this resource group alone']),
      ...(more.length === 0 && valueAt(only, 'actions')?.node.text === '[]'
        ? []
        : ['a role of our own acts on data alone']),
      ...textsIn(valueAt(only, 'dataActions'))
        .filter((action) => !dataActions.includes(action))
        .map((action) => `no role of ours may do ${action}`),
    ];
  },
  'Microsoft.Web/sites': (value) =>
    notOnFlex.filter((path) => valueAt(value, path) !== undefined).map((path) => `Flex Consumption takes no ${path}`),
  'Microsoft.KeyVault/vaults': (value) => [
    ...(valueAt(value, 'properties.enablePurgeProtection') === undefined
      ? ['enablePurgeProtection must be given']
      : []),
    ...(literalAt(value, 'properties.enablePurgeProtection') === false
      ? ['enablePurgeProtection must not be false']
      : []),
    ...(valueAt(value, 'properties.accessPolicies') === undefined
      ? []
      : ['access goes by roles, not by accessPolicies']),
    // Azure refuses recover without a deleted vault, and default with one; a recovered vault ignores the other properties.
    ...(valueAt(value, 'properties.createMode') === undefined ? [] : ['createMode is for az keyvault recover']),
  ],
  'Microsoft.Web/sites/config': (value) => {
    const open = valueAt(value, 'properties.globalValidation.excludedPaths');
    if (literalAt(value, 'name') !== 'authsettingsV2') return [];
    const entra = valueAt(value, 'properties.identityProviders.azureActiveDirectory');
    const off = entra?.kind === 'choice' ? entra.branches[0]?.node.text.replace(/\s/g, '') : undefined;
    return [
      ...(open?.node.text === "['/api/health/live']" ? [] : ['only /api/health/live may be called without a sign-in']),
      ...(entra?.node.text.startsWith('empty(') === true && off === '{enabled:false}'
        ? []
        : ['without a client id, azureActiveDirectory must be { enabled: false } and no more']),
    ];
  },
};

function isSecure(declaration: Declaration): boolean {
  return declaration.decorators.some(({ text }) => text.startsWith('@secure('));
}
