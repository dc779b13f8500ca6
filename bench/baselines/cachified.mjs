import { app } from '@azure/functions';
import { cachified } from '@epic-web/cachified';
import { createPageHandler, page, upstream } from './filter-page.ts';

/** The parsed list in a Map, as in cachified's own example. */
const cache = new Map();
const handler = createPageHandler(() =>
  cachified({
    key: 'usage',
    cache,
    ttl: 3_600_000,
    swr: 3_600_000,
    getFreshValue: async () => (await fetch(upstream)).json(),
  }),
);
app.http('cachified', { ...page, handler });
