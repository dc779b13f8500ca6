metadata description = 'The virtual network that the app reaches its private endpoints through.'

@description('Name of the virtual network.')
param name string

@description('Azure region.')
param location string

@description('Tags of the resource.')
param tags object

resource network 'Microsoft.Network/virtualNetworks@2024-07-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: ['10.0.0.0/16'] }
  }

  resource endpointSubnet 'subnets' = {
    name: 'private-endpoints'
    properties: {
      addressPrefix: '10.0.1.0/24'
    }
  }

  resource appSubnet 'subnets' = {
    name: 'app'
    properties: {
      addressPrefix: '10.0.2.0/24'
      // Flex Consumption asks for this delegation, and for the resource provider Microsoft.App to be registered.
      delegations: [{ name: 'flex-consumption', properties: { serviceName: 'Microsoft.App/environments' } }]
    }
    // Azure changes one subnet of a network at a time.
    dependsOn: [endpointSubnet]
  }
}

@description('Subnet of the private endpoints.')
output endpointSubnetId string = network::endpointSubnet.id

@description('Subnet that the app sends its outgoing calls through.')
output appSubnetId string = network::appSubnet.id
