import { z } from 'zod';
import { refreshTokenName } from '../e2e/faults/fault-walk.ts';
import type { CallObserver } from './call-watch.ts';

const granted = z.looseObject({ refresh_token: z.string() });
const secret = z.looseObject({ value: z.string() });
const hourMs = 3_600_000;

/** Watches the refresh token in the vault: it is one that Entra issued or a person stored, and an older one never replaces a newer one. */
export function createStoredToken(report: (problem: string) => void): CallObserver & {
  /** A refresh has just exchanged the token, with nothing in its way: says so when the stored one is over a day old. */
  checkAge(now: number): void;
  /** How many versions were stored. */
  rotations(): number;
} {
  const issued = new Map<string, number>();
  let rotations = 0;
  let stored = { number: -1, at: Number.NaN };

  return {
    rotations: () => rotations,
    answered({ service, exchange, answer, endedAt }) {
      if (answer.status !== 200) return;
      if (service === 'entra') {
        const { data } = granted.safeParse(JSON.parse(String(answer.body)));
        if (data !== undefined) issued.set(data.refresh_token, issued.size);
        if (Number.isNaN(stored.at)) stored = { ...stored, at: endedAt };
      }
      if (service !== 'key-vault' || exchange.method !== 'PUT') return;
      if (!exchange.url.pathname.includes(refreshTokenName))
        report('the app stored another secret than the refresh token');
      const number = issued.get(secret.parse(JSON.parse(exchange.body.toString())).value) ?? stored.number;
      if (number < stored.number) report('an older refresh token replaced a newer one in the vault');
      rotations += 1;
      stored = { number, at: endedAt };
    },
    checkAge(now) {
      const hours = (now - stored.at) / hourMs;
      if (hours > 24.1) report(`the refresh token in the vault is ${hours.toFixed(1)} hours old after an exchange`);
    },
  };
}
