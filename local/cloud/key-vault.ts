import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type Fault, type FaultContext, type FaultTable, slow } from './faults.ts';
import { type Answer, type Exchange, type Handler, jsonAnswer } from './http.ts';
import { vaultResource } from './entra/managed-identity.ts';
import type { CloudState } from './control/state.ts';

const newSecret = z.object({
  value: z.string(),
  contentType: z.string().optional(),
  tags: z.record(z.string(), z.string()).optional(),
  attributes: z
    .object({ enabled: z.boolean().optional(), exp: z.number().optional(), nbf: z.number().optional() })
    .default({}),
});

type NewSecret = z.input<typeof newSecret>;
type StoredSecret = NewSecret & { readonly id: string; readonly attributes: Readonly<Record<string, unknown>> };

type Context = FaultContext & { readonly unauthorized: () => Answer };

export const keyVaultFaults: FaultTable<Context> = {
  '401': ({ unauthorized }) => unauthorized(),
  '403': refuse(403, 'Forbidden', 'Caller is not authorized to perform action on resource.'),
  '404': refuse(404, 'SecretNotFound', 'A secret with (name/id) was not found in this key vault.'),
  '429': refuse(429, 'Throttled', 'The request was throttled: too many requests.', { 'retry-after': '1' }),
  '500': refuse(500, 'InternalServerError', 'Internal server error.'),
  '503': refuse(503, 'ServiceUnavailable', 'Service is temporarily unavailable.'),
  slow,
};

/** A vault that holds `seeds` and demands the managed identity's token by the documented challenge. */
export function createKeyVault(
  { clock, tokens, requestLog, faults }: CloudState,
  { url, authority, seeds }: { url: string; authority: string; seeds: Readonly<Record<string, NewSecret>> },
): Handler {
  const secrets = new Map<string, StoredSecret[]>();
  const play = faults.addService('key-vault', keyVaultFaults);
  for (const [name, seed] of Object.entries(seeds)) store(name, seed);

  function store(name: string, { attributes, ...secret }: NewSecret): StoredSecret {
    const now = Math.floor(clock.now() / 1000);
    const id = `${url}/secrets/${name}/${randomUUID().replaceAll('-', '')}`;
    const times = { created: now, updated: now, recoveryLevel: 'Recoverable+Purgeable', recoverableDays: 90 };
    const stored = { ...secret, id, attributes: { enabled: true, ...attributes, ...times } };
    secrets.set(name, [...(secrets.get(name) ?? []), stored]);
    return stored;
  }

  function unauthorized(): Answer {
    const challenge = `Bearer authorization="${authority}", resource="${vaultResource}"`;
    const message = 'AKV10000: Request is missing a Bearer or PoP token.';
    return createProblem(401, 'Unauthorized', message, { 'www-authenticate': challenge });
  }

  function answer({ method, body }: Exchange, name: string, version: string): Answer {
    const versions = secrets.get(name) ?? [];
    if (method === 'PUT') {
      const parsed = newSecret.safeParse(JSON.parse(body.toString()));
      return parsed.success
        ? jsonAnswer(200, store(name, parsed.data))
        : createProblem(400, 'BadParameter', 'The request is invalid.');
    }
    if (version === 'versions') {
      return jsonAnswer(200, { value: versions.map((item) => ({ ...item, value: undefined })), nextLink: null });
    }
    const found = version === '' ? versions.at(-1) : versions.find(({ id }) => id.endsWith(`/${version}`));
    if (found === undefined) {
      return createProblem(404, 'SecretNotFound', `A secret with (name/id) ${name} was not found in this key vault.`);
    }
    return found.attributes['enabled'] === false
      ? createProblem(403, 'Forbidden', 'Operation get is not allowed on a disabled secret.')
      : jsonAnswer(200, found);
  }

  return (exchange) => {
    const { method, url: asked } = exchange;
    const [, name, version = ''] = /^\/secrets\/([\w-]+)(?:\/(\w*))?$/.exec(asked.pathname) ?? [];
    if (name === undefined || (method !== 'GET' && method !== 'PUT'))
      return createProblem(404, 'NotFound', 'Not found.');
    // The SDK's first request only fetches the challenge, so it is not counted.
    if (exchange.headers.authorization === undefined) return unauthorized();
    const read = version === 'versions' ? 'secretVersions' : 'secretGet';
    requestLog.count(method === 'PUT' ? 'secretSet' : read, 'key-vault', exchange);
    const isAllowed = tokens.readClaims(exchange)?.aud === vaultResource;
    const proceed = () => (isAllowed ? answer(exchange, name, version) : unauthorized());
    return play({ exchange, proceed, unauthorized });
  };
}

function createProblem(status: number, code: string, message: string, headers: Record<string, string> = {}): Answer {
  return jsonAnswer(status, { error: { code, message } }, headers);
}

function refuse(...failure: Parameters<typeof createProblem>): Fault {
  return () => createProblem(...failure);
}
