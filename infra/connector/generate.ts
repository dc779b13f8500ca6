import { writeFileSync } from 'node:fs';
import { httpFunctions } from '../../functions/http-functions.ts';
import { settingsSchema } from '../../shared/settings.ts';
import { describeRoutes } from '../../shared/contract/operations.ts';
import { buildSwagger } from '../../shared/contract/swagger.ts';

const thresholds = settingsSchema.shape.USAGE_EVENT_THRESHOLDS.parse(undefined);
const service = { baseUrl: 'https://usage.contoso.com/api', thresholds, routes: httpFunctions };
// The background of the icon; Microsoft's own blue and white are not allowed.
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

/** Whoever deploys the connector replaces `<...>`. */
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

Estimated Azure usage of a partner's customers against their budgets, in flows and apps. The definition is generated from the code of the service: run \`npm run connector\`, then \`npm run format\`.

## Publisher

The operator of the service.

## Prerequisites

A deployed service (see the project's README) and a licence for premium connectors.

## Supported Operations

${operations}

Rows are flat: every member is always there, so the schema in a flow stays the same.

## Obtaining Credentials

With \`CALLER_AUTH=key\`, use \`apiProperties.json\` and a host key of the function app (Azure portal, App keys). A key of one function gives access to that operation only.

With \`CALLER_AUTH=entra\`, use \`apiProperties.entra.json\` and a second app registration for the connector. It needs a client secret and the delegated permission \`user_impersonation\` of the service's registration. Users who make connections need the app role \`Usage.Read\`.

## Known Issues and Limitations

- Figures are estimates for the current month, not an invoice.
- The thresholds in this definition are the defaults. If you set \`USAGE_EVENT_THRESHOLDS\`, import \`/api/swagger.json\` of your service instead.
- A connection may make 500 calls a minute. The trigger polls every five minutes; new data does not come more often.
- Connectors sign in as a user; a flow without one calls the service with its HTTP action.

## Deployment Instructions

1. Set \`host\` in \`apiDefinition.swagger.json\` to the host of your service. Or use \`/api/swagger.json\` of your service, which has the right host; with \`CALLER_AUTH=entra\` you must use that one.
2. In \`apiProperties.entra.json\`, replace the text in angle brackets.
3. Run \`paconn create --api-def apiDefinition.swagger.json --api-prop apiProperties.json\`. Or in Power Automate, choose Custom connectors, New custom connector, Import an OpenAPI file.
4. With Entra, save the connector and add the redirect URL that it shows to its app registration.
5. Make a connection and try **Get health**.
`;

/** The content of the connector's files, as a JSON value or as text. */
export const connectorFiles: Readonly<Record<string, unknown>> = {
  'apiDefinition.swagger.json': buildSwagger({ ...service, callerAuth: 'key' }),
  'apiProperties.json': keyProperties,
  'apiProperties.entra.json': entraProperties,
  'readme.md': readme,
};

/** Writes the connector's files into this folder. */
function writeFiles(): void {
  for (const [name, content] of Object.entries(connectorFiles)) {
    const text = typeof content === 'string' ? content : `${JSON.stringify(content, undefined, 2)}\n`;
    writeFileSync(new URL(name, import.meta.url), text);
  }
}

if (import.meta.main) writeFiles();
