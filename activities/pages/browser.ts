import { access, constants } from 'node:fs/promises';
import { hostname } from 'node:os';
import { delimiter, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { NakatError } from '../../runbook/errors/index.ts';

/** Whatever is built on Chromium, by the names that packages give it; on Windows and macOS where its installer puts it. */
const programs = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge', 'msedge'];
const usual = [
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
  'C:\\Program Files\\Microsoft\\Edge\\Application\\msedge.exe',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** `given`: a path of the plan; empty: the first that is found. @throws BROWSER_NOT_FOUND */
export const findBrowser = async (given: string): Promise<string> => {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  const candidates =
    given === '' ? [...programs.flatMap((name) => folders.map((folder) => join(folder, name))), ...usual] : [given];
  for (const path of candidates) if (await isProgram(path)) return path;
  throw new NakatError('BROWSER_NOT_FOUND', {
    where: hostname(),
    values: { browser: given === '' ? programs.join(', ') : given },
  });
};

const isProgram = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

/** Two pictures of the same page must be equal to the pixel: no colours of the screen, no smoothing for it, no moving pictures. */
const flags = [
  '--force-color-profile=srgb',
  '--disable-lcd-text',
  '--font-render-hinting=none',
  '--hide-scrollbars',
  '--blink-settings=imageAnimationPolicy=2',
  '--disable-background-networking',
];

/** @throws BROWSER_FAILED */
export const startBrowser = async (path: string): Promise<Browser> => {
  try {
    return await chromium.launch({
      executablePath: path,
      args: flags,
      headless: true,
      // Chromium refuses its sandbox to root.
      chromiumSandbox: process.getuid?.() !== 0,
      timeout: 60_000,
    });
  } catch (error) {
    throw browserFailed(path, error);
  }
};

export const browserFailed = (path: string, error: unknown): NakatError =>
  new NakatError('BROWSER_FAILED', {
    where: hostname(),
    values: { browser: path },
    vendor: plain(error),
    cause: error,
  });

/** The driver colours its words, and adds a log of its own calls. */
export const plain = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replaceAll(/\u001b\[[\d;]*m/g, '').split('\nCall log:')[0]!;
