import { jsonAnswer } from '../shared/http/message.ts';
import { lastModified } from '../shared/http/representation.ts';
import { assessHealth } from '../shared/views/health.ts';
import { readMethods } from './http-function.ts';
import type { HttpFunction } from './http-function.ts';

/** `GET /api/health/ready`: how old the data is and whether the token lives. Never refreshes, never calls Partner Center or Key Vault. */
export const healthReady: HttpFunction = {
  name: 'health-ready',
  route: 'health/ready',
  methods: readMethods,
  access: 'Usage.Read',
  namesBadSettings: true,
  createHandler: ({ snapshots, clock, limits }) =>
    async function answerHealthReady({ context }) {
      const { pointer, loaded } = await snapshots.getHeld(context);
      const health = assessHealth({ ...pointer, snapshot: loaded?.info ?? null }, clock(), limits);
      return jsonAnswer(health.status === 'fail' ? 503 : 200, health, loaded && lastModified(loaded));
    },
};
