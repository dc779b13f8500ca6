metadata description = 'Storage of the snapshots, with the rules that delete what is no longer needed.'

@description('Name of the storage account.')
param name string

@description('Azure region.')
param location string

@description('Tags of the resources.')
param tags object

@description('Redundancy of the account.')
param sku string

@description('Container of the snapshots.')
param containerName string

@description('True: reachable through a private endpoint, and from operatorIpRange when given.')
param isPrivate bool

@description('IPv4 address or CIDR range of the operator; empty: none.')
param operatorIpRange string

@description('Log Analytics workspace for the record of writes and deletes.')
param workspaceId string

@description('Object id of the identity of the app.')
param appPrincipalId string

@description('Object id of the person who may read snapshots; empty: nobody.')
param operatorUserId string

var roleIds = {
  storageBlobDataContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
  storageBlobDataReader: '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'
}
var isClosed = isPrivate && empty(operatorIpRange)

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: sku }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: isClosed ? 'Disabled' : 'Enabled'
    networkAcls: {
      defaultAction: isPrivate ? 'Deny' : 'Allow'
      bypass: 'None'
      ipRules: empty(operatorIpRange) ? [] : [{ value: operatorIpRange, action: 'Allow' }]
    }
  }
}

// Two weeks to notice a deletion; no versions, because a snapshot never changes and the pointer changes every hour.
resource blobService 'Microsoft.Storage/storageAccounts/blobServices@2025-01-01' = {
  parent: account
  name: 'default'
  properties: {
    deleteRetentionPolicy: { enabled: true, days: 14 }
    containerDeleteRetentionPolicy: { enabled: true, days: 14 }
  }
}

resource container 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = {
  parent: blobService
  name: containerName
  properties: {
    publicAccess: 'None'
  }
}

resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2025-01-01' = {
  parent: account
  name: 'default'
  properties: {
    policy: {
      rules: [
        {
          name: 'delete-history-after-10-years'
          type: 'Lifecycle'
          enabled: true
          definition: {
            filters: {
              blobTypes: ['blockBlob']
              prefixMatch: ['${containerName}/monthly/', '${containerName}/history/']
            }
            actions: {
              baseBlob: { delete: { daysAfterModificationGreaterThan: 3653 } }
            }
          }
        }
        {
          name: 'delete-daily-snapshots-after-13-months'
          type: 'Lifecycle'
          enabled: true
          definition: {
            filters: {
              blobTypes: ['blockBlob']
              prefixMatch: ['${containerName}/daily/']
            }
            actions: {
              baseBlob: { delete: { daysAfterModificationGreaterThan: 400 } }
            }
          }
        }
        {
          name: 'delete-working-blobs-after-2-months'
          type: 'Lifecycle'
          enabled: true
          definition: {
            filters: {
              blobTypes: ['blockBlob']
              prefixMatch: ['${containerName}/snapshots/', '${containerName}/events/', '${containerName}/quarantine/']
            }
            actions: {
              baseBlob: { delete: { daysAfterModificationGreaterThan: 62 } }
            }
          }
        }
      ]
    }
  }
  // A policy for an account without a blob service is refused.
  dependsOn: [blobService]
}

resource audit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-log-analytics'
  scope: blobService
  properties: {
    workspaceId: workspaceId
    // Reads are left out: every call may cause one, and their record would cost more than the calls.
    logs: [
      { category: 'StorageWrite', enabled: true }
      { category: 'StorageDelete', enabled: true }
    ]
  }
}

resource appWritesSnapshots 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(container.id, appPrincipalId, roleIds.storageBlobDataContributor)
  scope: container
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.storageBlobDataContributor)
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource operatorReadsSnapshots 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(operatorUserId)) {
  name: guid(container.id, operatorUserId, roleIds.storageBlobDataReader)
  scope: container
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.storageBlobDataReader)
    principalId: operatorUserId
    principalType: 'User'
  }
}

@description('Name of the account.')
output name string = account.name

@description('Blob endpoint, ending in a slash.')
output blobEndpoint string = account.properties.primaryEndpoints.blob
