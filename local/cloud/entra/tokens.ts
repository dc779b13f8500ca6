import { createHmac, randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { CloudClock } from '../control/clock.ts';
import type { Exchange } from '../http.ts';

const claimSet = z.looseObject({ aud: z.string(), exp: z.number(), amr: z.array(z.string()).default([]) });

const key = 'local cloud';

/** The cloud's tokens: real JWTs. */
export type Tokens = ReturnType<typeof createTokens>;

/** The JSON in one part of a JWT; throws when it holds none. */
export function parseJwtPart(part: string | undefined): unknown {
  return JSON.parse(Buffer.from(part ?? '', 'base64url').toString());
}

/** Tokens that every local cloud accepts, because an app's token outlives a restart of the cloud. */
export function createTokens(clock: CloudClock) {
  return {
    /** A token valid from a minute before `nowMs`, which is the cloud's time by default; `alg` is what its header names. */
    issue(
      claims: Readonly<Record<string, unknown>>,
      lifeSeconds: number,
      { nowMs = clock.now(), alg = 'HS256' }: { readonly nowMs?: number; readonly alg?: string } = {},
    ): string {
      const now = Math.floor(nowMs / 1000);
      const times = { iat: now, nbf: now - 60, exp: now + lifeSeconds, uti: randomUUID() };
      const parts = [
        { typ: 'JWT', alg },
        { ...claims, ...times },
      ];
      const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
      return `${text}.${sign(text)}`;
    },
    /** The claims of the request's bearer token; `undefined` when there is none, it is not ours or it has expired. */
    readClaims({ headers }: Exchange): z.infer<typeof claimSet> | undefined {
      const [head, body, signature] = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1]?.split('.') ?? [];
      if (signature === undefined || signature !== sign(`${head}.${body}`)) return undefined;
      const claims = claimSet.parse(parseJwtPart(body));
      return claims.exp * 1000 > clock.now() ? claims : undefined;
    },
  };
}

function sign(text: string): string {
  return createHmac('sha256', key).update(text).digest('base64url');
}
