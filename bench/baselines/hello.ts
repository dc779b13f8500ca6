import { app } from '@azure/functions';

/** What the host and its HTTP cost without any app. */
app.http('hello', { authLevel: 'function', route: 'hello', handler: () => ({ body: 'Hello, world!' }) });
