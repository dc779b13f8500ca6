metadata description = 'Everything partner-usage-api needs in one resource group: a Flex Consumption app, its identity, storage, vaults, telemetry and alerts.'

targetScope = 'subscription'

@description('Name of the azd environment; with the subscription and the region it makes every resource name.')
@minLength(1)
@maxLength(64)
param environmentName string

@description('Azure region. It must offer Flex Consumption with the chosen Node.js version.')
@metadata({ azd: { type: 'location' } })
param location string

@description('Entra tenant of the partner, where the app registration for Partner Center lives.')
@minLength(36)
@maxLength(36)
param partnerCenterTenantId string

@description('Client id of the app registration that has App+User consent for Partner Center.')
@minLength(36)
@maxLength(36)
param partnerCenterClientId string

@description('Which Microsoft cloud the partner tenant lives in.')
@allowed(['global', 'usgov'])
param partnerCenterCloud string = 'global'

@description('App settings to set beside the required ones, by their own names. A blank value means the default of the app.')
param optionalAppSettings object = {}

@description('Client id of an Entra app registration with the roles Usage.Read and Usage.Refresh (infra/entra/register.sh). Callers then need an Entra token; empty: they need a function key.')
param entraClientId string = ''

@description('Object id of the person who may write secrets and read snapshots. Empty: nobody gets these roles.')
param operatorPrincipalId string = ''

@description('Kind of the deploying principal. Only a User gets the roles of the operator; a pipeline needs none of them.')
@allowed(['User', 'ServicePrincipal'])
param operatorPrincipalType string = 'User'

@description('True puts storage and vaults behind private endpoints in a virtual network; callers still come in through the public endpoint.')
param vnetEnabled bool = false

@description('IPv4 address without a suffix, or CIDR range up to /30, from which the operator may reach vaults and snapshots when vnetEnabled is true. Empty: from the virtual network only.')
param operatorIpRange string = ''

@description('Memory of one instance in MB. 512 is cheapest and enough for a few thousand customers.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@description('Most instances Azure may start; an upper limit on cost as well.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('Instances for HTTP calls that are always ready; more than 0 ends cold starts and the free grant.')
@minValue(0)
param alwaysReadyInstances int = 0

@description('Node.js version of the app.')
@allowed(['24'])
param nodeVersion string = '24'

@description('Redundancy of both storage accounts. ZRS survives the loss of a zone, where the region has zones.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS'])
param storageSku string = 'Standard_LRS'

@description('False leaves purge protection off, so that a trial can be deleted for good. It cannot be turned off again once on.')
param purgeProtection bool = true

@description('Days that logs are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 30

@description('Most GB of logs taken in per day; above it Azure drops them, and alerts go blind.')
@minValue(1)
param logDailyQuotaGb int = 1

@description('Address that alerts and the budget write to. Empty: alerts only show in the portal.')
param alertEmail string = ''

@description('Monthly budget in the currency of the subscription, with mail at 80 and 100 percent. 0, or no alertEmail: no budget.')
@minValue(0)
param monthlyBudget int = 0

@description('First day of the month in which the budget was made, yyyy-MM-01: the output BUDGET_START_DATE of an earlier deployment. Empty: there was none.')
param budgetStartDate string = ''

@description('First day of the current month. Leave it out.')
param currentMonth string = utcNow('yyyy-MM-01')

var token = uniqueString(subscription().id, environmentName, location)
var tags = { 'azd-env-name': environmentName }
var usageContainerName = 'usage'
var operatorUserId = operatorPrincipalType == 'User' ? operatorPrincipalId : ''
var hasBudget = monthlyBudget > 0 && !empty(alertEmail)
// Azure never changes the start of a budget, and makes none that starts in an earlier month.
var firstBudgetMonth = empty(budgetStartDate) ? currentMonth : budgetStartDate

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  name: 'identity'
  scope: group
  params: {
    name: 'id-${token}'
    location: location
    tags: tags
  }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: {
    workspaceName: 'log-${token}'
    componentName: 'appi-${token}'
    location: location
    tags: tags
    retentionDays: logRetentionDays
    dailyQuotaGb: logDailyQuotaGb
    appPrincipalId: identity.outputs.principalId
  }
}

module network 'modules/network.bicep' = if (vnetEnabled) {
  name: 'network'
  scope: group
  params: {
    name: 'vnet-${token}'
    location: location
    tags: tags
  }
}

module hostStorage 'modules/host-storage.bicep' = {
  name: 'host-storage'
  scope: group
  params: {
    name: 'sthost${token}'
    location: location
    tags: tags
    sku: storageSku
    isPrivate: vnetEnabled
    appPrincipalId: identity.outputs.principalId
  }
}

module usageStorage 'modules/usage-storage.bicep' = {
  name: 'usage-storage'
  scope: group
  params: {
    name: 'stusage${token}'
    location: location
    tags: tags
    sku: storageSku
    containerName: usageContainerName
    isPrivate: vnetEnabled
    operatorIpRange: operatorIpRange
    workspaceId: monitoring.outputs.workspaceId
    appPrincipalId: identity.outputs.principalId
    operatorUserId: operatorUserId
  }
}

// Two vaults: the app may read the credential but write only the refresh token (infra/README.md, "Two vaults").
module credentialVault 'modules/vault.bicep' = {
  name: 'credential-vault'
  scope: group
  params: {
    name: 'kv-${token}'
    location: location
    tags: tags
    appAccess: 'read'
    isPrivate: vnetEnabled
    operatorIpRange: operatorIpRange
    purgeProtection: purgeProtection
    workspaceId: monitoring.outputs.workspaceId
    appPrincipalId: identity.outputs.principalId
    operatorUserId: operatorUserId
  }
}

module refreshTokenVault 'modules/vault.bicep' = {
  name: 'refresh-token-vault'
  scope: group
  params: {
    name: 'kvt-${token}'
    location: location
    tags: tags
    appAccess: 'write'
    isPrivate: vnetEnabled
    operatorIpRange: operatorIpRange
    purgeProtection: purgeProtection
    workspaceId: monitoring.outputs.workspaceId
    appPrincipalId: identity.outputs.principalId
    operatorUserId: operatorUserId
  }
}

module privateEndpoints 'modules/private-endpoints.bicep' = if (vnetEnabled) {
  name: 'private-endpoints'
  scope: group
  params: {
    virtualNetworkName: 'vnet-${token}'
    subnetId: network.?outputs.endpointSubnetId ?? ''
    location: location
    tags: tags
    storageAccountNames: [hostStorage.outputs.name, usageStorage.outputs.name]
    vaultNames: [credentialVault.outputs.name, refreshTokenVault.outputs.name]
  }
}

module app 'modules/app.bicep' = {
  name: 'app'
  scope: group
  params: {
    name: 'func-${token}'
    planName: 'plan-${token}'
    location: location
    tags: union(tags, { 'azd-service-name': 'api' })
    nodeVersion: nodeVersion
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    alwaysReadyInstances: alwaysReadyInstances
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    componentName: monitoring.outputs.componentName
    hostBlobEndpoint: hostStorage.outputs.blobEndpoint
    deploymentContainerName: hostStorage.outputs.deploymentContainerName
    usageBlobEndpoint: usageStorage.outputs.blobEndpoint
    usageContainerName: usageContainerName
    credentialVaultUrl: credentialVault.outputs.url
    refreshTokenVaultUrl: refreshTokenVault.outputs.url
    partnerCenterTenantId: partnerCenterTenantId
    partnerCenterClientId: partnerCenterClientId
    partnerCenterCloud: partnerCenterCloud
    optionalAppSettings: optionalAppSettings
    entraClientId: entraClientId
    subnetId: network.?outputs.appSubnetId ?? ''
  }
}

module alerts 'modules/alerts.bicep' = {
  name: 'alerts'
  scope: group
  params: {
    prefix: 'alert-${token}'
    workspaceId: monitoring.outputs.workspaceId
    actionGroupName: 'ag-${token}'
    location: location
    tags: tags
    componentName: monitoring.outputs.componentName
    email: alertEmail
  }
}

module budget 'modules/budget.bicep' = if (hasBudget) {
  name: 'budget'
  scope: group
  params: {
    name: 'budget-${token}'
    amount: monthlyBudget
    startDate: firstBudgetMonth
    email: alertEmail
  }
}

@description('Region of the deployment.')
output AZURE_LOCATION string = location

@description('Tenant of the subscription.')
output AZURE_TENANT_ID string = tenant().tenantId

@description('Resource group that holds everything.')
output AZURE_RESOURCE_GROUP string = group.name

@description('Name of the function app; azd deploys to it.')
output SERVICE_API_NAME string = app.outputs.name

@description('The same, under the name that other tools look for.')
output AZURE_FUNCTION_NAME string = app.outputs.name

@description('Address of the service, without a path.')
output SERVICE_API_URL string = app.outputs.url

@description('How callers prove who they are: key or entra.')
output CALLER_AUTH string = app.outputs.callerAuth

@description('Entra tenant of the partner, for npm run consent and npm run doctor.')
output PARTNER_CENTER_TENANT_ID string = partnerCenterTenantId

@description('Client id of the app registration for Partner Center, for the same.')
output PARTNER_CENTER_CLIENT_ID string = partnerCenterClientId

@description('Vault that holds the client secret or certificate.')
output AZURE_KEY_VAULT_NAME string = credentialVault.outputs.name

@description('Address of that vault.')
output KEY_VAULT_URL string = credentialVault.outputs.url

@description('Address of the vault that holds only the refresh token.')
output REFRESH_TOKEN_VAULT_URL string = refreshTokenVault.outputs.url

@description('Blob endpoint of the account that holds the snapshots.')
output USAGE_STORAGE_URL string = usageStorage.outputs.blobEndpoint

@description('Container of the snapshots.')
output USAGE_CONTAINER string = usageContainerName

@description('Application Insights resource to look at first.')
output APPLICATIONINSIGHTS_NAME string = monitoring.outputs.componentName

@description('Month in which the budget was made; azd passes it on to the next deployment. It outlives a budget that is switched off, because Azure keeps that one.')
output BUDGET_START_DATE string = hasBudget ? firstBudgetMonth : budgetStartDate
