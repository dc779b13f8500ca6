import { spawn } from 'node:child_process';

/** Opens the user's browser; resolves to false when this platform has no program for it. */
export async function openBrowser(url: string): Promise<boolean> {
  const [program, ...args] = chooseProgram(process.platform);
  const child = spawn(program, [...args, url], { stdio: 'ignore', detached: true });
  child.unref();
  return await new Promise((resolve) => {
    child.once('spawn', () => resolve(true));
    child.once('error', () => resolve(false));
  });
}

function chooseProgram(platform: string): readonly [string, ...string[]] {
  if (platform === 'darwin') return ['open'];
  // `start` would read the & of the URL as the end of the command.
  return platform === 'win32' ? ['rundll32', 'url.dll,FileProtocolHandler'] : ['xdg-open'];
}
