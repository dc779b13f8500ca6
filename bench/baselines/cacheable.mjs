import { app } from '@azure/functions';
import { Cacheable, createKeyv } from 'cacheable';
import { createPageHandler, page, upstream } from './filter-page.ts';

/** The parsed list, not copied for each reader: the default clones it. */
const cache = new Cacheable({ primary: createKeyv({ useClone: false }), ttl: '1h' });
const handler = createPageHandler(() => cache.getOrSet('usage', async () => (await fetch(upstream)).json()));
app.http('cacheable', { ...page, handler });
