const { app } = require('@azure/functions');

// What the host and its HTTP cost without us: the unit of bench/http.ts.
app.http('hello', { authLevel: 'function', route: 'hello', handler: () => ({ body: 'Hello, world!' }) });
