import { DependencyError } from '../shared/errors.ts';
import { getAction } from '../shared/explanation.ts';
import { explainEntraTrouble } from './entra-troubles.ts';
import type { Grant } from './entra-troubles.ts';
import { SetupError } from './trouble.ts';
import type { Trouble } from './trouble.ts';

const identity =
  'in a terminal: az login, and az account set to the right subscription; on a machine with a managed identity: USAGE_CREDENTIAL=managed-identity';
const network = 'check the address, the network, and the firewall or private endpoint in front of it';
/** Names of the errors of @azure/identity: no token was got. */
const identityErrors: readonly unknown[] = [
  'CredentialUnavailableError',
  'AuthenticationError',
  'AggregateAuthenticationError',
  'AuthenticationRequiredError',
];

/** What failed, in plain words with its code in front, and its cure. */
export function explainFailure(error: unknown, grant: Grant = 'refresh-token'): Trouble {
  if (error instanceof SetupError) return { what: error.message, cure: error.cure };
  if (!(error instanceof DependencyError)) return defect(error);
  const { what, cure } = causeOf(error, grant);
  return { what: `${error.code}: ${what}`, cure };
}

function causeOf(error: DependencyError, grant: Grant): Trouble {
  const { code, details, explanation } = error;
  if (code === 'SecretsUnavailable') return vaultTrouble(error);
  if (code === 'StorageUnavailable') return storageTrouble(error);
  const { error: name = '', errorCodes = '' } = details;
  const numbers = String(errorCodes).split(',').filter(Boolean).map(Number);
  // The page of a gateway has neither.
  if (name !== '' || numbers.length > 0) return explainEntraTrouble(String(name), numbers, grant);
  return { what: `${explanation.cause} (${seenOf(error)})`, cure: getAction(explanation) };
}

function vaultTrouble(error: DependencyError): Trouble {
  const { status, errorCode, secretName } = error.details;
  const seen = seenOf(error);
  if (errorCode === 'NotPem') {
    return {
      what: `${secretName} is no PEM private key with its certificate`,
      cure: 'store both, with the content type application/x-pem-file',
    };
  }
  if (status === 404) {
    return { what: `the vault has no secret ${secretName}`, cure: 'store it, or mend the setting that names it' };
  }
  if (status === 403) {
    return {
      what: `the vault refused ${secretName} (${seen})`,
      cure: 'grant Key Vault Secrets User to read or Key Vault Secrets Officer to write, wait some minutes; or open the firewall of the vault',
    };
  }
  if (status === 401 || identityErrors.includes(errorCode)) {
    return { what: `no sign-in that the vault takes (${seen})`, cure: identity };
  }
  return { what: `the vault did not answer (${seen})`, cure: network };
}

function storageTrouble(error: DependencyError): Trouble {
  const { status, reason, blob } = error.details;
  const seen = seenOf(error);
  if (reason !== undefined) {
    return { what: `${blob} cannot be used (${seen})`, cure: 'none needed: the next refresh writes a new one' };
  }
  if (status === 403) {
    return {
      what: `storage refused (${seen})`,
      cure: 'grant Storage Blob Data Contributor on the container, wait some minutes; or open the firewall of the account',
    };
  }
  if (status === 404) {
    return { what: `there is no such container (${seen})`, cure: 'create it, or mend USAGE_CONTAINER' };
  }
  return { what: `storage did not answer (${seen})`, cure: network };
}

function seenOf({ details }: DependencyError): string {
  const { status, upstreamCode, errorCode, failure, reason } = details;
  return [status, upstreamCode, errorCode, failure, reason].filter((part) => part !== undefined).join(', ');
}

/** Its message may quote a request: only what kind it is. */
function defect(error: unknown): Trouble {
  const name = error instanceof Error ? error.name : typeof error;
  if (identityErrors.includes(name)) return { what: `no sign-in to Azure (${name})`, cure: identity };
  return { what: `something unforeseen (${name})`, cure: 'report it, with the version' };
}
