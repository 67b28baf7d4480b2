// Opens a file in the program that the desktop has for it.
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

const OPENERS: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'], // unlike `start`, it goes through no shell
};

/** Some openers stay until the browser is closed: one that has not failed by then has done its work. */
const PATIENCE_MS = 1500;

/** Resolves to null once the desktop has taken the file, else to the reason why not. Never throws. */
export async function openOnDesktop(
  file: string,
  platform: NodeJS.Platform = process.platform,
): Promise<string | null> {
  const [command, ...args] = OPENERS[platform] ?? ['xdg-open'];
  const child = spawn(command, [...args, resolve(file)], { stdio: 'ignore', detached: true });
  let timer: NodeJS.Timeout | undefined;
  const reason = await new Promise<string | null>((done) => {
    child.once('error', (error) => done(error.message));
    child.once('exit', (code) => done(code === 0 ? null : `${command} ended with code ${code}`));
    timer = setTimeout(() => done(null), PATIENCE_MS);
  });
  clearTimeout(timer);
  child.unref();
  return reason;
}
