// A small app of the v4 model, for the tests of the development host.
const { app } = require('@azure/functions');

const told = (request) => ({
  url: request.url,
  query: [...request.query],
  params: request.params,
  headers: [...request.headers],
});

function echo(name, route, options = {}) {
  app.http(name, {
    methods: ['GET'],
    route,
    ...options,
    handler: (request) => ({ jsonBody: { name, ...told(request) } }),
  });
}

echo('items', 'Items/{id:guid}', { methods: ['GET', 'HEAD'] });
echo('b-general', 'overlap/{id}');
echo('a-special', 'overlap/special');
echo('two', 'two/{a}/{b}');
echo('plain');
echo('keyed', 'keyed', { authLevel: 'function' });
echo('master-only', 'master-only', { authLevel: 'admin' });

echo('bad-constraint', 'bad/{x:nonsense}');
echo('bad-parameter', 'worse/{x}-{y}');
echo('bad-level', 'level', { authLevel: 'nobody' });
echo('bad-route', 'administration');
echo('host', 'named-host');
echo('items-twice', 'items/{id:guid}');
echo('keyeD', 'named-like-keyed');
app.timer('no-schedule', { schedule: '%NO_SUCH_SETTING%', handler: () => {} });
app.generic('queue', { trigger: { type: 'queueTrigger', name: 'q' }, handler: () => {} });
app.generic('no-trigger', { trigger: { type: 'timerTrigger', name: 'trigger', schedule: 'x' }, handler: () => {} });

app.http('echo-body', {
  methods: ['POST'],
  handler: async (request) => ({ body: await request.text(), headers: { 'content-type': 'text/plain' } }),
});
app.http('respond', {
  methods: ['GET', 'HEAD', 'POST'],
  handler: async (request) => JSON.parse(request.query.get('with')),
});
app.http('nothing', { methods: ['GET'], handler: () => {} });
app.http('throws', {
  methods: ['GET'],
  handler: () => {
    throw new Error('thrown on purpose');
  },
});
app.http('throws-text', { methods: ['GET'], handler: () => Promise.reject('rejected with text') });
app.http('non-ascii', { methods: ['GET'], handler: () => ({ headers: { 'x-name': 'caf\u00e9' } }) });
app.http('logs', {
  methods: ['GET'],
  handler: (_request, context) => {
    for (const level of ['trace', 'debug', 'info', 'warn', 'error']) context[level](`said at ${level}`);
    return { jsonBody: context.traceContext };
  },
});
const ended = [];
app.http('logs-late', {
  methods: ['GET'],
  handler: (_request, context) => {
    for (const each of ended.splice(0)) each.info('said late');
    context.info('said in time');
    ended.push(context);
  },
});
app.http('now', { methods: ['GET'], handler: () => ({ jsonBody: dates() }) });
app.http('wait', {
  methods: ['GET'],
  handler: () =>
    new Promise((resolve) => {
      process.once('SIGTERM', () => setTimeout(resolve, 300, { body: 'done' }));
    }),
});
app.http('fetch', {
  methods: ['GET'],
  handler: async (request) => ({ body: await (await fetch(request.query.get('url'))).text() }),
});
app.http('setting', { methods: ['GET'], handler: (request) => ({ body: process.env[request.query.get('name')] }) });
app.http('register-late', {
  methods: ['GET'],
  handler: () => {
    app.http('late', { handler: () => {} });
  },
});

app.timer('tick', { schedule: '%TICK_SCHEDULE%', handler: (timer, context) => context.info(JSON.stringify(timer)) });
app.timer('often', { schedule: '*/30 * * * * *', handler: (timer, context) => context.info(JSON.stringify(timer)) });

function dates() {
  return { now: Date.now(), made: new Date().getTime(), text: Date.parse(Date()), isDate: new Date(0) instanceof Date };
}
