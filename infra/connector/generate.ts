import { writeFileSync } from 'node:fs';
import { httpFunctions } from '../../functions/http-functions.ts';
import { settingsSchema } from '../../shared/config.ts';
import { describeRoutes } from '../../shared/contract/operations.ts';
import { buildSwagger } from '../../shared/contract/swagger.ts';

const thresholds = settingsSchema.shape.USAGE_EVENT_THRESHOLDS.parse(undefined);
const service = { baseUrl: 'https://usage.contoso.com/api', thresholds, routes: httpFunctions };
// What a connector shows behind its icon; Microsoft's own blue and white are refused.
const iconBrandColor = '#2b5d3f';

const keyProperties = {
  properties: {
    iconBrandColor,
    capabilities: [],
    publisher: 'Partner Usage',
    connectionParameters: {
      api_key: {
        type: 'securestring',
        uiDefinition: {
          displayName: 'Function key',
          description: 'A host key of the service.',
          tooltip: 'The operator of the service has it.',
          constraints: { tabIndex: 2, clearText: false, required: 'true' },
        },
      },
    },
  },
};

/** `<...>` is filled in by whoever deploys the connector. */
const entraProperties = {
  properties: {
    iconBrandColor,
    capabilities: [],
    publisher: 'Partner Usage',
    connectionParameters: {
      token: {
        type: 'oauthSetting',
        oAuthSettings: {
          identityProvider: 'aad',
          clientId: '<client id of the connector>',
          scopes: [],
          redirectMode: 'GlobalPerConnector',
          redirectUrl: 'https://global.consent.azure-apim.net/redirect',
          properties: { IsFirstParty: 'False', AzureActiveDirectoryResourceId: '<client id of the service>' },
          customParameters: {
            loginUri: { value: 'https://login.microsoftonline.com' },
            tenantId: { value: '<tenant id>' },
            resourceUri: { value: '<client id of the service>' },
            enableOnbehalfOfLogin: { value: 'false' },
          },
        },
      },
    },
  },
};

const operations = describeRoutes(httpFunctions, thresholds)
  .filter(({ visibility }) => visibility !== 'internal')
  .map(({ summary, description }) => `- **${summary}**: ${description}`)
  .join('\n');

const readme = `# Partner Usage

Estimated Azure usage of a partner's customers against their budgets, in flows and apps. The definition is made from the service's own code: \`npm run connector\`, then \`npm run format\`.

## Publisher

The operator of the service.

## Prerequisites

A deployed service (see the project's README) and a licence for premium connectors.

## Supported Operations

${operations}

Rows are flat: every key is always there, so the schema in a flow stays the same.

## Obtaining Credentials

With \`CALLER_AUTH=key\`: a host key of the function app (Azure portal, App keys; a key of one function opens that operation alone); use \`apiProperties.json\`.

With \`CALLER_AUTH=entra\`: a second app registration for the connector, with a client secret and the delegated permission \`user_impersonation\` of the service's registration; use \`apiProperties.entra.json\`, and give the users who make connections the app role \`Usage.Read\`.

## Known Issues and Limitations

- Figures are estimates of the current month and no invoice.
- Thresholds to choose from are the service's defaults. Where \`USAGE_EVENT_THRESHOLDS\` says otherwise, import \`/api/swagger.json\` of your service instead.
- A connection may make 500 calls a minute. The trigger asks every five minutes, as often as there can be news.
- Connectors sign in as a user; a flow without one calls the service with its HTTP action.

## Deployment Instructions

1. In \`apiDefinition.swagger.json\` set \`host\` to that of your service; or take \`/api/swagger.json\` of your service, which has it, and is the one to take with \`CALLER_AUTH=entra\`.
2. With \`apiProperties.entra.json\` fill in what stands in angle brackets.
3. \`paconn create --api-def apiDefinition.swagger.json --api-prop apiProperties.json\`, or in Power Automate: Custom connectors, New custom connector, Import an OpenAPI file.
4. With Entra, add the redirect URL that the connector shows after it is saved to the connector's app registration.
5. Make a connection and try **Get health**.
`;

/** The files of the connector by name: what each holds as JSON or as text. */
export const connectorFiles: Readonly<Record<string, unknown>> = {
  'apiDefinition.swagger.json': buildSwagger({ ...service, callerAuth: 'key' }),
  'apiProperties.json': keyProperties,
  'apiProperties.entra.json': entraProperties,
  'readme.md': readme,
};

/** Writes the connector's files beside this one. */
function writeFiles(): void {
  for (const [name, content] of Object.entries(connectorFiles)) {
    const text = typeof content === 'string' ? content : `${JSON.stringify(content, undefined, 2)}\n`;
    writeFileSync(new URL(name, import.meta.url), text);
  }
}

if (import.meta.main) writeFiles();
