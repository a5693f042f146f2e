/** A real Chromium that opens a page and hears what it reports. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Debian's name and others'; `CHROMIUM` names one elsewhere. */
const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

function findChromium(): string {
  const given = process.env.CHROMIUM;
  if (given !== undefined && given !== '') return given;
  const folders = (process.env.PATH ?? '').split(delimiter);
  const paths = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  const found = paths.find((path) => existsSync(path));
  if (found === undefined) {
    throw new Error(
      `no Chromium: install one (Debian: chromium) or name it in CHROMIUM; tried ${names.join(', ')}`,
    );
  }
  return found;
}

function openPage(address: string, profile: string): ChildProcess {
  // Chromium's own sandbox does not work for root, as in most containers.
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const flags = ['--headless=new', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'];
  return spawn(findChromium(), [...flags, ...asRoot, `--user-data-dir=${profile}`, address], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

/**
 * Opens a page until it has reported.
 * @param told settles with the report
 * @param profile a folder for Chromium's own files
 */
export async function whileOpen<T>(address: string, profile: string, told: Promise<T>): Promise<T> {
  const page = openPage(address, profile);
  let said = '';
  page.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const closed = once(page, 'close').then(() => {
    throw new Error(`Chromium ended before the page had reported:\n${said.slice(-2000)}`);
  });
  try {
    return await Promise.race([told, closed]);
  } finally {
    closed.catch(() => undefined);
    const over = page.exitCode === null ? once(page, 'close') : undefined;
    page.kill();
    await over;
  }
}
