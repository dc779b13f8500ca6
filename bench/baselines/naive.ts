import { app } from '@azure/functions';
import { createPageHandler, page, upstream } from './filter-page.ts';

/** Keeps the body as it came; parses, filters and stringifies a request. */
let body: Promise<string> | undefined;
const handler = createPageHandler(async () => {
  body ??= fetch(upstream).then((response) => response.text());
  return JSON.parse(await body);
});
app.http('naive', { ...page, handler });
