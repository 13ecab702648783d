import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Chromium by the names that Debian, Ubuntu and Google give it, and where macOS and Windows have it; undefined if there is none. */
export function findChromium(): string | undefined {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const onPath = (process.env.PATH ?? '').split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
  const macos = ['Google Chrome', 'Chromium'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);
  const windows = join(process.env.PROGRAMFILES ?? '', 'Google/Chrome/Application/chrome.exe');
  return [...onPath, ...macos, windows].find((path) => existsSync(path));
}
