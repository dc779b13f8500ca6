import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { parseEnv } from 'node:util';
import { z } from 'zod';
import { SetupError } from './trouble.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const texts = z.record(z.string(), z.string());
/** `local.settings.json`, or what `az functionapp config appsettings list` prints. */
const settingsFile = z.union([
  z.looseObject({ Values: texts }).transform(({ Values }) => Values),
  z
    .array(z.looseObject({ name: z.string(), value: z.string() }))
    .transform((list) => Object.fromEntries(list.map(({ name, value }): [string, string] => [name, value]))),
]);

/** The settings to work with: options before the file before the environment. What Azure's and Node's own code reads goes into `process.env`. */
export function loadEnvironment(file: string | undefined, options: Environment): Environment {
  const fromFile = file === undefined ? {} : readSettings(file);
  const merged: Environment = { ...process.env, ...fromFile, ...options };
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
    // Lines of NAME="value", as `azd env get-values` prints them, or JSON.
    return /^\s*[[{]/.test(text) ? settingsFile.parse(JSON.parse(text)) : texts.parse(parseEnv(text));
  } catch (error) {
    const cure =
      'give local.settings.json, the output of azd env get-values, or that of az functionapp config appsettings list';
    throw new SetupError({ what: `${file} cannot be read as settings`, cure }, { cause: error });
  }
}

/** Node reads this variable before any code runs; what it would have done is done here instead. */
function trust(certificates: string | undefined): void {
  if (certificates === undefined) return;
  setDefaultCACertificates([...getCACertificates('default'), readFileSync(certificates, 'utf8')]);
}
