import { registerFirstPage } from './first-page.ts';

/* A first page with nothing but `fetch`: one sign-in, two reads. */
const setting = (name: string) => process.env[name] ?? '';
const resource = 'https://storage.azure.com/';

let token: Promise<string> | undefined;

async function signIn(): Promise<string> {
  const query = new URLSearchParams({ 'api-version': '2019-08-01', resource, client_id: setting('AZURE_CLIENT_ID') });
  const headers = { 'x-identity-header': setting('IDENTITY_HEADER') };
  const response = await fetch(`${setting('IDENTITY_ENDPOINT')}?${query.toString()}`, { headers });
  const { access_token }: { access_token: string } = JSON.parse(await response.text());
  return access_token;
}

registerFirstPage(async (name) => {
  const headers = { authorization: `Bearer ${await (token ??= signIn())}`, 'x-ms-version': '2023-11-03' };
  const url = `${setting('USAGE_STORAGE_URL')}/${setting('USAGE_CONTAINER') || 'usage'}/${name}`;
  return Buffer.from(await (await fetch(url, { headers })).arrayBuffer());
});
