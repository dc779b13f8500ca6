metadata description = 'A Key Vault that the app may read, or read and write.'

@description('Name of the vault.')
param name string

@description('Azure region.')
param location string

@description('Tags of the resources.')
param tags object

@description('What the app may do with the secrets of this vault.')
@allowed(['read', 'write'])
param appAccess string

@description('True: reachable through a private endpoint, and from operatorIpRange when given.')
param isPrivate bool

@description('IPv4 address or CIDR range of the operator; empty: none.')
param operatorIpRange string

@description('True keeps a deleted vault for its 90 days, whoever asks.')
param purgeProtection bool

@description('Log Analytics workspace for the audit log.')
param workspaceId string

@description('Object id of the identity of the app.')
param appPrincipalId string

@description('Object id of the person who may write secrets; empty: nobody.')
param operatorUserId string

var roleIds = {
  keyVaultSecretsUser: '4633458b-17de-408a-b874-0445c86b69e6'
  keyVaultSecretsOfficer: 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'
}
var groupId = resourceGroup().id
var readAndSetRoleId = guid(groupId, name, 'read and set secrets')
var appRoleId = appAccess == 'write' ? readAndSetRoleId : roleIds.keyVaultSecretsUser
var isClosed = isPrivate && empty(operatorIpRange)

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    // Azure takes true or nothing, never false.
    enablePurgeProtection: purgeProtection ? true : null
    publicNetworkAccess: isClosed ? 'Disabled' : 'Enabled'
    networkAcls: {
      defaultAction: isPrivate ? 'Deny' : 'Allow'
      bypass: 'None'
      ipRules: empty(operatorIpRange) ? [] : [{ value: operatorIpRange }]
    }
  }
}

resource audit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-log-analytics'
  scope: vault
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'AuditEvent', enabled: true }]
  }
}

// No built-in role writes secrets without deleting and purging them too.
resource readAndSet 'Microsoft.Authorization/roleDefinitions@2022-04-01' = if (appAccess == 'write') {
  name: readAndSetRoleId
  properties: {
    // Unique in the tenant.
    roleName: 'Read and set secrets of ${name}'
    description: 'Reads secrets and adds versions of them. Deletes, lists and restores nothing.'
    type: 'CustomRole'
    permissions: [
      {
        actions: []
        notActions: []
        dataActions: [
          'Microsoft.KeyVault/vaults/secrets/getSecret/action'
          'Microsoft.KeyVault/vaults/secrets/setSecret/action'
        ]
        notDataActions: []
      }
    ]
    assignableScopes: [groupId]
  }
}

resource appUsesSecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, appPrincipalId, appRoleId)
  scope: vault
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', appRoleId)
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
  }
  dependsOn: [readAndSet]
}

resource operatorWritesSecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(operatorUserId)) {
  name: guid(vault.id, operatorUserId, roleIds.keyVaultSecretsOfficer)
  scope: vault
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.keyVaultSecretsOfficer)
    principalId: operatorUserId
    principalType: 'User'
  }
}

@description('Name of the vault.')
output name string = vault.name

@description('Address of the vault.')
output url string = vault.properties.vaultUri
