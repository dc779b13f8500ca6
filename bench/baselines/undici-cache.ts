import { app } from '@azure/functions';
import { Agent, cacheStores, fetch, interceptors } from 'undici';
import { createPageHandler, page, upstream } from './filter-page.ts';

const bytes = 2 ** 30;
/** Fetches as if there were no cache; the HTTP cache below keeps the body by its `Cache-Control`. */
const store = new cacheStores.MemoryCacheStore({ maxSize: bytes, maxEntrySize: bytes });
const dispatcher = new Agent().compose(interceptors.cache({ store }));
const handler = createPageHandler(async () => {
  const response = await fetch(upstream, { dispatcher });
  return JSON.parse(await response.text());
});
app.http('undici-cache', { ...page, handler });
