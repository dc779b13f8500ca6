import { z } from 'zod';
import { readOptions, wholeNumber } from './command-line.ts';
import { consentSettingNames } from './consent-settings.ts';
import type { Environment } from './environment.ts';

const values = z
  .object({
    settings: z.string().optional(),
    port: z.string(),
    timeout: z.string(),
    yes: z.boolean(),
    open: z.boolean().optional(),
  })
  .catchall(z.string());

export type ConsentOptions = {
  readonly file: string | undefined;
  readonly port: number;
  /** How long to wait for the person at the sign-in page. */
  readonly timeoutMs: number;
  readonly yes: boolean;
  /** Whether to open a browser; undefined: when a person sits at the terminal. */
  readonly open: boolean | undefined;
  /** Settings given as options. */
  readonly settings: Environment;
};

/** The command line of `npm run consent`. Throws SetupError. */
export function readConsentOptions(): ConsentOptions {
  const text = { type: 'string' } as const;
  const given = readOptions({
    settings: text,
    port: { type: 'string', default: '8400' },
    timeout: { type: 'string', default: '600' },
    yes: { type: 'boolean', short: 'y', default: false },
    open: { type: 'boolean' },
    ...Object.fromEntries(consentSettingNames.map((name) => [name, text])),
  });
  const { settings: file, port, timeout, yes, open, ...settings } = values.parse(given);
  return {
    file,
    port: wholeNumber('port', port, 65_535),
    timeoutMs: wholeNumber('timeout', timeout, 3600) * 1000,
    yes,
    open,
    settings,
  };
}
