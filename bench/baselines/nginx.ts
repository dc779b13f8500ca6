import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** A server of which only the CPU time is known. */
export type Nginx = {
  readonly origin: string;
  readonly readCpuMs: () => Promise<number>;
  readonly stop: () => Promise<void>;
};

/** One nginx process that caches `upstream` with `proxy_cache`; undefined when nginx is not on PATH. */
export async function startNginx(folder: string, upstream: string): Promise<Nginx | undefined> {
  if (spawnSync('nginx', ['-v']).error !== undefined) return undefined;
  const prefix = join(folder, `nginx-${crypto.randomUUID()}`);
  await mkdir(prefix);
  const port = await findFreePort();
  await writeFile(
    join(prefix, 'nginx.conf'),
    `daemon off; master_process off; pid ${prefix}/pid; error_log ${prefix}/error.log;
events { worker_connections 256; }
http {
  access_log off;
  client_body_temp_path ${prefix}/body; proxy_temp_path ${prefix}/proxy; fastcgi_temp_path ${prefix}/fastcgi;
  uwsgi_temp_path ${prefix}/uwsgi; scgi_temp_path ${prefix}/scgi;
  proxy_cache_path ${prefix}/cache keys_zone=usage:1m max_size=1g;
  server { listen 127.0.0.1:${port}; location / { proxy_pass ${upstream}; proxy_cache usage; proxy_cache_valid 200 1h; } }
}`,
  );
  const child = spawn('nginx', ['-p', prefix, '-c', 'nginx.conf'], { stdio: ['ignore', 'inherit', 'inherit'] });
  const origin = `http://127.0.0.1:${port}`;
  const isUp = () =>
    fetch(origin).then(
      ({ ok }) => ok,
      () => false,
    );
  for (let tries = 0; tries < 50 && !(await isUp()); tries += 1) await wait(100);
  return {
    origin,
    readCpuMs: async () => {
      const stat = await readFile(`/proc/${child.pid}/stat`, 'utf8');
      // After the name in brackets, user and system time are the 12th and 13th field, in hundredths of a second.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return (Number(fields[11]) + Number(fields[12])) * 10;
    },
    stop: async () => {
      child.kill();
      await once(child, 'exit');
    },
  };
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
