import { jsonAnswer } from '../shared/http/message.ts';
import { liveness } from '../shared/views/health.ts';
import { readMethods } from './http-function.ts';
import type { HttpFunction } from './http-function.ts';

/** `GET /api/health/live`: the process answers. Touches nothing and tells nothing. */
export const healthLive: HttpFunction = {
  name: 'health-live',
  route: 'health/live',
  methods: readMethods,
  access: 'anybody',
  createHandler() {
    const answer = jsonAnswer(200, liveness);
    return () => answer;
  },
};
