metadata description = 'Alert rules over the log events of the app; the rules themselves stand in infra/alerts.json.'

@description('Start of the name of every rule.')
param prefix string

@description('Name of the action group.')
param actionGroupName string

@description('Azure region.')
param location string

@description('Tags of the resources.')
param tags object

@description('Application Insights component whose records are searched.')
param componentName string

@description('Resource id of the workspace, which tells when it takes in no more logs.')
param workspaceId string

@description('Address to write to; empty: nobody is written to.')
param email string

var rules = loadJsonContent('../alerts.json')

resource component 'Microsoft.Insights/components@2020-02-02' existing = {
  name: componentName
}

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: actionGroupName
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'usage-api'
    emailReceivers: empty(email) ? [] : [{ name: 'operator', emailAddress: email, useCommonAlertSchema: true }]
  }
}

resource alerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [for rule in rules: {
  name: '${prefix}-${rule.name}'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: rule.title
    description: rule.meaning
    severity: rule.severity
    enabled: true
    // A new workspace has no tables yet, and Azure would refuse a query over them.
    skipQueryValidation: true
    scopes: startsWith(rule.query, 'Operation') ? [workspaceId] : [component.id]
    evaluationFrequency: rule.frequency
    windowSize: rule.window
    criteria: {
      allOf: [
        {
          query: rule.query
          // Requests are sampled: a row stands for as many as its itemCount.
          timeAggregation: startsWith(rule.query, 'requests') ? 'Total' : 'Count'
          metricMeasureColumn: startsWith(rule.query, 'requests') ? 'itemCount' : null
          operator: rule.operator
          threshold: rule.threshold
          failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
        }
      ]
    }
    // An event that is logged once leaves its window while the trouble lasts: those alerts stay until a person closes them.
    autoMitigate: rule.autoResolve
    actions: { actionGroups: [actionGroup.id] }
  }
}]
