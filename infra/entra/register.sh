#!/bin/sh
# Makes or updates the app registration that callers get tokens for, and tells azd its client id. Needs az, signed in with the right to
# register apps. Run it again at will: the registration is found by its unique name. Usage: sh infra/entra/register.sh
set -eu
here=$(dirname "$0")
graph=${GRAPH_URL:-https://graph.microsoft.com}/v1.0
environment=$(azd env get-value AZURE_ENV_NAME)
app="$graph/applications(uniqueName='partner-usage-api-$environment')"

az rest --method PATCH --url "$app" --headers 'Content-Type=application/json' 'Prefer=create-if-missing' \
  --body "@$here/app-registration.json" --output none
client_id=$(az rest --method GET --url "$app?\$select=appId" --query appId --output tsv)
az rest --method PATCH --url "$app" --headers 'Content-Type=application/json' \
  --body "{\"identifierUris\":[\"api://$client_id\"]}" --output none

# Only users and apps that have been given a role get a token at all.
az rest --method PATCH --url "$graph/servicePrincipals(appId='$client_id')" \
  --headers 'Content-Type=application/json' 'Prefer=create-if-missing' \
  --body '{"appRoleAssignmentRequired":true}' --output none

azd env set ENTRA_CLIENT_ID "$client_id"
echo "Registered $client_id. Next: azd provision; then give Usage.Read to users, groups and apps (Entra admin center, Enterprise applications)."
