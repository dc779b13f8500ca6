metadata description = 'Private endpoints of storage accounts and vaults, with the DNS zones that lead the app to them.'

@description('Virtual network whose name resolution is changed.')
param virtualNetworkName string

@description('Subnet that the endpoints live in.')
param subnetId string

@description('Azure region.')
param location string

@description('Tags of the resources.')
param tags object

@description('Storage accounts whose blob service gets an endpoint.')
param storageAccountNames string[]

@description('Vaults that get an endpoint.')
param vaultNames string[]

var blobZoneName = 'privatelink.blob.${environment().suffixes.storage}'
// Key Vault's private zone has a name of its own: .vault.azure.net becomes privatelink.vaultcore.azure.net.
var vaultZoneName = 'privatelink${replace(environment().suffixes.keyvaultDns, '.vault.', '.vaultcore.')}'

resource virtualNetwork 'Microsoft.Network/virtualNetworks@2024-07-01' existing = {
  name: virtualNetworkName
}

resource accounts 'Microsoft.Storage/storageAccounts@2025-01-01' existing = [for name in storageAccountNames: {
  name: name
}]

resource vaults 'Microsoft.KeyVault/vaults@2024-11-01' existing = [for name in vaultNames: {
  name: name
}]

resource blobZone 'Microsoft.Network/privateDnsZones@2020-06-01' = {
  name: blobZoneName
  location: 'global'
  tags: tags
}

resource vaultZone 'Microsoft.Network/privateDnsZones@2020-06-01' = {
  name: vaultZoneName
  location: 'global'
  tags: tags
}

resource blobZoneLink 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2020-06-01' = {
  parent: blobZone
  name: virtualNetworkName
  location: 'global'
  tags: tags
  properties: {
    registrationEnabled: false
    virtualNetwork: { id: virtualNetwork.id }
  }
}

resource vaultZoneLink 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2020-06-01' = {
  parent: vaultZone
  name: virtualNetworkName
  location: 'global'
  tags: tags
  properties: {
    registrationEnabled: false
    virtualNetwork: { id: virtualNetwork.id }
  }
}

resource blobEndpoints 'Microsoft.Network/privateEndpoints@2024-07-01' = [for (name, position) in storageAccountNames: {
  name: 'pe-${name}'
  location: location
  tags: tags
  properties: {
    subnet: { id: subnetId }
    privateLinkServiceConnections: [
      {
        name: 'blob'
        properties: {
          privateLinkServiceId: accounts[position].id
          groupIds: ['blob']
        }
      }
    ]
  }
}]

resource vaultEndpoints 'Microsoft.Network/privateEndpoints@2024-07-01' = [for (name, position) in vaultNames: {
  name: 'pe-${name}'
  location: location
  tags: tags
  properties: {
    subnet: { id: subnetId }
    privateLinkServiceConnections: [
      {
        name: 'vault'
        properties: {
          privateLinkServiceId: vaults[position].id
          groupIds: ['vault']
        }
      }
    ]
  }
}]

resource blobZoneGroups 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-07-01' = [for (name, position) in storageAccountNames: {
  parent: blobEndpoints[position]
  name: 'default'
  properties: {
    privateDnsZoneConfigs: [{ name: 'blob', properties: { privateDnsZoneId: blobZone.id } }]
  }
}]

resource vaultZoneGroups 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-07-01' = [for (name, position) in vaultNames: {
  parent: vaultEndpoints[position]
  name: 'default'
  properties: {
    privateDnsZoneConfigs: [{ name: 'vault', properties: { privateDnsZoneId: vaultZone.id } }]
  }
}]
