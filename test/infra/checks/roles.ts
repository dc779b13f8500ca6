import type { Finding } from './finding.ts';

/** Azure's built-in roles that infra/ may give, by their names in camel case (learn.microsoft.com, Azure built-in roles). */
const roleIds: Readonly<Record<string, string>> = {
  keyVaultSecretsUser: '4633458b-17de-408a-b874-0445c86b69e6',
  keyVaultSecretsOfficer: 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7',
  storageBlobDataOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b',
  storageBlobDataContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe',
  storageBlobDataReader: '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1',
  monitoringMetricsPublisher: '3913510d-42f4-4e42-8a64-420c390055eb',
};

/** Every GUID of a Bicep file that is no known role, or stands under another role's name. */
export function roleFindings(file: { readonly path: string; readonly text: string }): Finding[] {
  return file.text.split('\n').flatMap((text, index) => {
    const id = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/i.exec(text)?.[0].toLowerCase();
    if (id === undefined) return [];
    const role = Object.keys(roleIds).find((name) => roleIds[name] === id);
    const name = /(\w+)\s*[:=]\s*'/.exec(text)?.[1];
    if (role !== undefined && role === name) return [];
    const message = role === undefined ? `${id} is no role this template may give` : `${id} is ${role}, not ${name}`;
    return [{ file: file.path, line: index + 1, rule: 'roles', message }];
  });
}
