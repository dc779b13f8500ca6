import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { parseEnv } from 'node:util';
import { z } from 'zod';
import { CommandError } from './command-line.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const texts = z.record(z.string(), z.string());
/** `local.settings.json`, or what `az functionapp config appsettings list` prints. */
const settingsFile = z.union([
  z.looseObject({ Values: texts }).transform(({ Values }) => Values),
  z
    .array(z.looseObject({ name: z.string(), value: z.string() }))
    .transform((list) => Object.fromEntries(list.map(({ name, value }): [string, string] => [name, value]))),
]);

/**
 * The settings of this command: options win over the file, and the file over the environment. Variables that the Azure SDK reads
 * itself are set in `process.env` too.
 */
export function loadEnvironment(env: Environment, file?: string, options: Environment = {}): Environment {
  const fromFile = file === undefined ? {} : readSettings(file);
  const merged: Environment = { ...env, ...fromFile, ...options };
  for (const name of ['IDENTITY_ENDPOINT', 'IDENTITY_HEADER']) {
    const value = merged[name];
    if (value !== undefined) process.env[name] = value;
  }
  trust(fromFile['NODE_EXTRA_CA_CERTS']);
  return merged;
}

function readSettings(file: string): Record<string, string> {
  try {
    const text = readFileSync(file, 'utf8');
    // JSON, or lines of NAME="value" as `azd env get-values` prints them.
    return /^\s*[[{]/.test(text) ? settingsFile.parse(JSON.parse(text)) : texts.parse(parseEnv(text));
  } catch (error) {
    const cure =
      'give local.settings.json, the output of azd env get-values, or that of az functionapp config appsettings list';
    throw new CommandError({ what: `${file} cannot be read as settings`, cure }, { cause: error });
  }
}

/** Node reads NODE_EXTRA_CA_CERTS only before any code runs, so a file's value is applied here. */
function trust(certificates: string | undefined): void {
  if (certificates === undefined) return;
  setDefaultCACertificates([...getCACertificates('default'), readFileSync(certificates, 'utf8')]);
}
