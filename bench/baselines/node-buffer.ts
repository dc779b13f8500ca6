import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

/** A plain server that writes one Buffer, the file it is given. */
const body = readFileSync(process.argv[2] ?? '');
const headers = {
  'content-type': 'application/json',
  'content-encoding': 'gzip',
  'content-length': body.length,
  'cache-control': 'max-age=3600',
};
const server = createServer((_request, response) => response.writeHead(200, headers).end(body));
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  process.send?.({ origin: `http://127.0.0.1:${port}` });
});
process.on('disconnect', () => process.exit());
