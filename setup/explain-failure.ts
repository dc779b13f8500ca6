import { DependencyError } from '../shared/errors.ts';
import { getAction } from '../shared/failure-explanations.ts';
import { explainEntraError } from '../shared/partner-center/entra-errors.ts';
import { CommandError } from './command-line.ts';
import type { Trouble } from './command-line.ts';

/** The grant Entra refused. The same number means an expired code in one and an expired refresh token in the other. */
export type Grant = 'authorization-code' | 'refresh-token';

const signInCure =
  'in a terminal: az login, and az account set to the right subscription; on a machine with a managed identity: USAGE_CREDENTIAL=managed-identity';
const networkCure = 'check the address, the network, and the firewall or private endpoint in front of it';
/** Names of the errors of @azure/identity that mean no token was issued. */
const identityErrors: readonly unknown[] = [
  'CredentialUnavailableError',
  'AuthenticationError',
  'AggregateAuthenticationError',
  'AuthenticationRequiredError',
];

/** What failed, with its code first, and what to do about it. */
export function explainFailure(error: unknown, grant: Grant = 'refresh-token'): Trouble {
  if (error instanceof CommandError) return { what: error.message, cure: error.cure };
  if (!(error instanceof DependencyError)) return explainDefect(error);
  const { what, cure } = explainDependencyError(error, grant);
  return { what: `${error.code}: ${what}`, cure };
}

/** What an error of Entra means: by its AADSTS numbers and its name, never by its text. */
export function explainEntraRefusal(error: string, numbers: readonly number[], grant: Grant): Trouble {
  const codes = [error, ...numbers.map((number) => `AADSTS${number}`)].filter((code) => code !== '').join(', ');
  const { what, cure } = explainGrant(error, numbers, grant);
  return { what: codes === '' ? what : `${what} (${codes})`, cure };
}

function explainGrant(error: string, numbers: readonly number[], grant: Grant): Trouble {
  const { row, upstreamCode } = explainEntraError(error, numbers);
  if (grant === 'authorization-code' && upstreamCode === 'AADSTS70008') {
    return {
      what: 'the code of the sign-in had expired',
      cure: 'npm run consent, and sign in without a pause: a code is valid for ten minutes',
    };
  }
  if (grant === 'authorization-code' && upstreamCode === 'invalid_grant') {
    return { what: 'Entra did not accept the code of the sign-in', cure: 'npm run consent' };
  }
  return { what: row.cause, cure: getAction(row) };
}

function explainDependencyError(error: DependencyError, grant: Grant): Trouble {
  const { code, details, explanation } = error;
  if (code === 'SecretsUnavailable') return explainVaultError(error);
  if (code === 'StorageUnavailable') return explainStorageError(error);
  const { error: name = '', errorCodes = '' } = details;
  const numbers = String(errorCodes).split(',').filter(Boolean).map(Number);
  // A gateway's error page has neither a name nor numbers.
  if (name !== '' || numbers.length > 0) return explainEntraRefusal(String(name), numbers, grant);
  return { what: `${explanation.cause} (${listCodes(error)})`, cure: getAction(explanation) };
}

function explainVaultError(error: DependencyError): Trouble {
  const { status, errorCode, secretName } = error.details;
  const codes = listCodes(error);
  if (errorCode === 'NotPem') {
    return {
      what: `${secretName} is not a PEM private key with its certificate`,
      cure: 'store both, with the content type application/x-pem-file',
    };
  }
  if (status === 404) {
    return { what: `the vault has no secret ${secretName}`, cure: 'store it, or correct the setting that names it' };
  }
  if (status === 403) {
    return {
      what: `the vault refused ${secretName} (${codes})`,
      cure: 'grant Key Vault Secrets User to read or Key Vault Secrets Officer to write, wait some minutes; or open the firewall of the vault',
    };
  }
  if (status === 401 || identityErrors.includes(errorCode)) {
    return { what: `the vault did not accept the sign-in (${codes})`, cure: signInCure };
  }
  return { what: `the vault did not answer (${codes})`, cure: networkCure };
}

function explainStorageError(error: DependencyError): Trouble {
  const { status, reason, blob } = error.details;
  const codes = listCodes(error);
  if (reason !== undefined) {
    return { what: `${blob} cannot be used (${codes})`, cure: 'none needed: the next refresh writes a new one' };
  }
  if (status === 403) {
    return {
      what: `storage refused (${codes})`,
      cure: 'grant Storage Blob Data Contributor on the container, wait some minutes; or open the firewall of the account',
    };
  }
  if (status === 404) {
    return { what: `there is no such container (${codes})`, cure: 'create it, or correct USAGE_CONTAINER' };
  }
  return { what: `storage did not answer (${codes})`, cure: networkCure };
}

function listCodes({ details }: DependencyError): string {
  const { status, upstreamCode, errorCode, failure, reason } = details;
  return [status, upstreamCode, errorCode, failure, reason].filter((part) => part !== undefined).join(', ');
}

/** Only the kind of the error: its message may quote a request. */
function explainDefect(error: unknown): Trouble {
  const name = error instanceof Error ? error.name : typeof error;
  if (identityErrors.includes(name)) return { what: `no sign-in to Azure (${name})`, cure: signInCure };
  return { what: `an unexpected error (${name})`, cure: 'report it, with the version' };
}
