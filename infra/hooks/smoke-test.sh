#!/bin/sh
# After a deployment: the service must be closed to strangers and answer its callers. Exits 1 when one of these does not hold.
# azd sets the variables; SMOKE_TEST_SECONDS is how long to wait for an app that is starting or whose roles are not yet in effect.
set -eu
url=${SERVICE_API_URL:?run this by azd, or set SERVICE_API_URL}
url=${url%/}
patience=${SMOKE_TEST_SECONDS:-300}
pause=${SMOKE_TEST_PAUSE_SECONDS:-10}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
: >"$work/caller"

fail() {
  printf 'FAIL  %s\n' "$1" >&2
  exit 1
}

# Status of a GET; the body goes to $work/body. Headers come from a file, so that no key shows in the list of processes.
status_of() {
  : >"$work/body"
  curl --silent --path-as-is --max-time 100 --header "@$2" --output "$work/body" --write-out '%{http_code}' "$url$1" || true
}

# Asks until the status is one of the expected or patience ends: ask PATH HEADER_FILE "200 503" WHAT
ask() {
  deadline=$(($(date +%s) + patience))
  while :; do
    status=$(status_of "$1" "$2")
    code=$(member code "$work/body")
    case "$code, expected $3" in
      # Every caller is told so at once, and health/ready names the settings.
      Misconfigured*200*) break ;;
      # A role of the app may not be in effect yet.
      StorageUnavailable*) ;;
      *) case " $3 " in *" $status "*) break ;; esac ;;
    esac
    # A door that stands open does not close by waiting.
    [ "$status" != 200 ] || fail "$4: got 200, expected $3"
    [ "$(date +%s)" -lt "$deadline" ] || fail "$4: got $status${code:+ $code}, expected $3 ($url$1)"
    sleep "$pause"
  done
}

# Text of the first member of that name: member NAME FILE
member() {
  tr ',{' '[\n*]' <"$2" | sed -n "s/^ *\"$1\" *: *\"\([^\"]*\)\".*/\1/p" | head -n 1
}

# Ends the test where whoever deploys cannot call the app.
skip_calls() {
  [ -z "$misconfigured" ] || fail 'a setting is missing or wrong: GET /api/health/ready names it'
  echo "SKIPPED ready and read: whoever deploys $1"
  exit 0
}

# An access token of whoever deploys, as a header line.
bearer_for() {
  azd auth token --scope "$1" --output json >"$work/token" 2>/dev/null || return 1
  printf 'authorization: Bearer %s\n' "$(member token "$work/token")"
}

use_function_key() {
  arm=${AZURE_RESOURCE_MANAGER_URL:-https://management.azure.com}
  site="subscriptions/${AZURE_SUBSCRIPTION_ID:?}/resourceGroups/${AZURE_RESOURCE_GROUP:?}/providers/Microsoft.Web/sites/${AZURE_FUNCTION_NAME:?}"
  bearer_for "$arm/.default" >"$work/arm" || fail 'no token for Azure: run azd auth login'
  curl --silent --fail --max-time 60 --request POST --header "@$work/arm" --header 'content-length: 0' --output "$work/keys" \
    "$arm/$site/host/default/listkeys?api-version=2024-11-01" || fail 'the function keys cannot be read'
  key=$(tr -d '\n' <"$work/keys" | sed -n 's/.*"functionKeys" *: *{[^}]*"default" *: *"\([^"]*\)".*/\1/p')
  [ -n "$key" ] || fail 'the app has no default function key'
  printf 'x-functions-key: %s\n' "$key" >"$work/caller"
}

: >"$work/nobody"
ask /api/health/live "$work/nobody" 200 'live'
misconfigured=
[ "$code" != Misconfigured ] || misconfigured=yes
echo 'ok    live answers'
ask /api/customers/usagerecords "$work/nobody" 401 'a read without a key or token'
ask /api/health/ready "$work/nobody" 401 'ready without a key or token'
# Who calls is for the platform to write, whatever a stranger writes.
principal='{"auth_typ":"aad","claims":[{"typ":"roles","val":"Usage.Read"},{"typ":"roles","val":"Usage.Refresh"}],"role_typ":"roles"}'
printf 'x-ms-client-principal: %s\n' "$(printf '%s' "$principal" | base64 | tr -d '\n')" >"$work/forged"
ask /api/customers/usagerecords "$work/forged" 401 'a read with a forged principal'
# The sign-in leaves out health/live, and must not leave out what a path through it leads to.
ask /api/health/live/../../customers/usagerecords "$work/forged" 401 'a read around the sign-in'
ask /api/health/live/%2e%2e/%2e%2e/customers/usagerecords "$work/forged" 401 'a read around the sign-in'
echo 'ok    a stranger gets 401'

if [ "${CALLER_AUTH:-key}" = entra ]; then
  bearer_for "api://${ENTRA_CLIENT_ID:?}/.default" >"$work/caller" || skip_calls 'gets no token for the API'
  [ "$(status_of /api/health/ready "$work/caller")" != 403 ] || skip_calls 'lacks the role Usage.Read'
else
  use_function_key
fi

ask /api/health/ready "$work/caller" '200 503' 'ready'
[ "$code" != Misconfigured ] || fail "a setting is missing or wrong: $(cat "$work/body")"
health=$(member status "$work/body")
case $health in
  pass | warn | fail) echo "ok    ready answers: $health" ;;
  *) fail "ready: status $status without a verdict" ;;
esac

ask /api/customers/usagerecords "$work/caller" '200 503' 'a read'
if [ "$status" = 200 ]; then
  echo 'ok    a read answers'
  exit 0
fi
# A lack of data is no fault of the deployment, which may be the cure of it.
case $code in
  CacheEmpty)
    state='there is no usage data yet'
    next='give the consent (npm run consent); the first refresh follows within five minutes.'
    ;;
  SnapshotExpired)
    state='its usage data has expired'
    next='end that failure (docs/operating.md, Runbook).'
    ;;
  *) fail "a read: 503 $code" ;;
esac
reason=$(member reason "$work/body")
[ "${SMOKE_TEST_DATA:-optional}" != required ] || fail "a read: $state (${reason:-no reason given})"
echo "ok    a read answers that $state (${reason:-no reason given})"
echo "Next: $next"
