import { createHmac, randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { CloudClock } from './clock.ts';
import type { Exchange } from './http.ts';

const claimSet = z.looseObject({ aud: z.string(), exp: z.number(), amr: z.array(z.string()).default([]) });

const key = 'local cloud';

type Claims = z.infer<typeof claimSet>;

/** The cloud's access tokens: real JWTs. */
export type Tokens = {
  /** Valid from a minute ago, counted from `nowMs`: the cloud's time unless told otherwise. */
  issue(claims: Readonly<Record<string, unknown>>, lifeSeconds: number, nowMs?: number): string;
  /** The claims of the request's bearer token; `undefined` when there is none, it is not ours or it has expired. */
  claimsOf(exchange: Exchange): Claims | undefined;
};

/** A JWT's part as JSON; throws when it is none. */
export function parseJwtPart(part: string | undefined): unknown {
  return JSON.parse(Buffer.from(part ?? '', 'base64url').toString());
}

/** Tokens that are good in every cloud: an app's held ones outlive a restart of it. */
export function createTokens(clock: CloudClock): Tokens {
  return {
    issue(claims, lifeSeconds, nowMs = clock.now()) {
      const now = Math.floor(nowMs / 1000);
      const times = { iat: now, nbf: now - 60, exp: now + lifeSeconds, uti: randomUUID() };
      const text = `${jwtPart({ typ: 'JWT', alg: 'HS256' })}.${jwtPart({ ...claims, ...times })}`;
      return `${text}.${signatureOf(text)}`;
    },
    claimsOf({ headers }) {
      const [head, body, signature] = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1]?.split('.') ?? [];
      if (signature === undefined || signature !== signatureOf(`${head}.${body}`)) return undefined;
      const claims = claimSet.parse(parseJwtPart(body));
      return claims.exp * 1000 > clock.now() ? claims : undefined;
    },
  };
}

function signatureOf(text: string): string {
  return createHmac('sha256', key).update(text).digest('base64url');
}

function jwtPart(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
