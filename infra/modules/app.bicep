metadata description = 'The function app on Flex Consumption, its settings and its sign-in.'

@description('Name of the function app.')
param name string

@description('Name of its plan.')
param planName string

@description('Azure region.')
param location string

@description('Tags of the resources; azd finds the app by azd-service-name.')
param tags object

@description('Node.js version.')
param nodeVersion string

@description('Memory of one instance in MB.')
param instanceMemoryMB int

@description('Most instances.')
param maximumInstanceCount int

@description('Instances for HTTP calls that are always ready.')
param alwaysReadyInstances int

@description('Resource id of the identity of the app.')
param identityId string

@description('Client id of that identity.')
param identityClientId string

@description('Application Insights component that receives the telemetry.')
param componentName string

@description('Blob endpoint of the storage of the host, ending in a slash.')
param hostBlobEndpoint string

@description('Container that holds the deployed package.')
param deploymentContainerName string

@description('Blob endpoint of the storage of the snapshots.')
param usageBlobEndpoint string

@description('Container of the snapshots.')
param usageContainerName string

@description('Address of the vault that the app may only read.')
param credentialVaultUrl string

@description('Address of the vault that the app writes the refresh token to.')
param refreshTokenVaultUrl string

@description('Entra tenant of the partner.')
param partnerCenterTenantId string

@description('Client id of the app registration for Partner Center.')
param partnerCenterClientId string

@description('Which Microsoft cloud the partner tenant lives in.')
param partnerCenterCloud string

@description('App settings by name, blank ones to be left out.')
param optionalAppSettings object

@description('Client id of the app registration that callers get tokens for; empty: callers use function keys.')
param entraClientId string

@description('Subnet for outgoing calls; empty: none.')
param subnetId string

var callerAuth = empty(entraClientId) ? 'key' : 'entra'
var givenSettings = filter(items(optionalAppSettings), setting => !empty(setting.value))
// Else links would name whatever host a caller puts into the request. A name of the operator's own wins.
var defaultSettings = {
  PUBLIC_BASE_URL: 'https://${site.properties.defaultHostName}'
}
// Flex Consumption refuses FUNCTIONS_WORKER_RUNTIME and its like: functionAppConfig says the same.
var hostSettings = {
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identityClientId
  AzureWebJobsStorage__blobServiceUri: hostBlobEndpoint
  AzureWebJobsDisableHomepage: 'true'
  APPLICATIONINSIGHTS_CONNECTION_STRING: component.properties.ConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
}
var usageSettings = {
  AZURE_CLIENT_ID: identityClientId
  CALLER_AUTH: callerAuth
  KEY_VAULT_URL: credentialVaultUrl
  REFRESH_TOKEN_VAULT_URL: refreshTokenVaultUrl
  USAGE_STORAGE_URL: usageBlobEndpoint
  USAGE_CONTAINER: usageContainerName
  PARTNER_CENTER_TENANT_ID: partnerCenterTenantId
  PARTNER_CENTER_CLIENT_ID: partnerCenterClientId
  PARTNER_CENTER_CLOUD: partnerCenterCloud
}

resource component 'Microsoft.Insights/components@2020-02-02' existing = {
  name: componentName
}

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: {
    reserved: true
  }
}

resource site 'Microsoft.Web/sites@2024-11-01' = {
  name: name
  location: location
  tags: tags
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    publicNetworkAccess: 'Enabled'
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${hostBlobEndpoint}${deploymentContainerName}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: { name: 'node', version: nodeVersion }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReadyInstances == 0 ? [] : [{ name: 'http', instanceCount: alwaysReadyInstances }]
        // More callers at once than this get another instance: each answer in the making takes memory.
        triggers: { http: { perInstanceConcurrency: 16 } }
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      http20Enabled: true
    }
  }
}

resource appSettings 'Microsoft.Web/sites/config@2024-11-01' = {
  parent: site
  name: 'appsettings'
  properties: union(
    defaultSettings,
    toObject(givenSettings, setting => setting.key, setting => setting.value),
    usageSettings,
    hostSettings
  )
}

// Declared for keys too, switched off: else a change from entra back to keys would leave it on.
resource signIn 'Microsoft.Web/sites/config@2024-11-01' = {
  parent: site
  name: 'authsettingsV2'
  properties: {
    platform: { enabled: !empty(entraClientId), runtimeVersion: '~1' }
    globalValidation: {
      requireAuthentication: true
      unauthenticatedClientAction: 'Return401'
      excludedPaths: ['/api/health/live']
    }
    httpSettings: { requireHttps: true }
    identityProviders: {
      // No client secret: callers bring their own tokens, nobody is sent to a sign-in page.
      azureActiveDirectory: empty(entraClientId) ? { enabled: false } : {
        enabled: true
        registration: {
          clientId: entraClientId
          openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
        }
        validation: {
          allowedAudiences: [entraClientId, 'api://${entraClientId}']
        }
      }
    }
    login: { tokenStore: { enabled: false } }
  }
  // Two configurations written at once can end in a conflict.
  dependsOn: [appSettings]
}

// Deployments come with an Entra token; a publishing password would be a second way in.
resource ftpPublishing 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01' = {
  parent: site
  name: 'ftp'
  properties: {
    allow: false
  }
  dependsOn: [signIn]
}

resource scmPublishing 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01' = {
  parent: site
  name: 'scm'
  properties: {
    allow: false
  }
  dependsOn: [ftpPublishing]
}

@description('Name of the function app.')
output name string = site.name

@description('Address of the app, without a path.')
output url string = 'https://${site.properties.defaultHostName}'

@description('How callers prove who they are: key or entra.')
output callerAuth string = callerAuth
