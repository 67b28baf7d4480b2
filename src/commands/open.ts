// Opens a file in the program that the desktop has for it.
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

const OPENERS: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', '""'], // start takes its first quoted argument for a window title
};

/** Resolves to null once the desktop has taken the file, else to the reason why not. Never throws. */
export async function openOnDesktop(
  file: string,
  platform: NodeJS.Platform = process.platform,
): Promise<string | null> {
  const [command, ...args] = OPENERS[platform] ?? ['xdg-open'];
  return new Promise((done) => {
    const child = spawn(command, [...args, resolve(file)], { stdio: 'ignore', detached: true, windowsHide: true });
    child.once('error', (error) => done(`${command}: ${error.message}`));
    child.once('exit', (code) => done(code === 0 ? null : `${command} ended with code ${code}`));
    child.unref();
  });
}
