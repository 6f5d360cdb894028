/** One page as a visitor sees it: a picture of all of it, and what went wrong while it was loaded. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { NakatError } from '../../runbook/errors/index.ts';
import type { PageCheck } from '../../runbook/targets/index.ts';
import { plain } from './browser.ts';

export interface Captured {
  readonly png: Buffer;
  /** Pixels, of the whole page; the picture may end before, at `longest`. */
  readonly height: number;
  /** Of the page itself. */
  readonly status: number;
  /** What went wrong, each once, sorted: `console: …`, `404 /style.css`, `failed /font.woff2`. */
  readonly problems: readonly string[];
}

/** Pixels; of longer pages the rest is not compared: the browser's own limit is 16384. The result says how many such there are. */
export const longest = 15_000;
/** Milliseconds for what a page still does after it was loaded; some never stop talking to their server. */
const quietTime = 3000;
const problemLength = 200;
/** All that a page of any sense has: what is left out here is never compared. */
const mostProblems = 5000;

export interface Shot {
  readonly check: PageCheck;
  readonly page: PageCheck['pages'][number];
  readonly width: number;
  readonly password: string | undefined;
}

/** In a session of its own: no cookie of one page is seen by another. @throws PAGE_UNREACHABLE */
export const capture = async (browser: Browser, shot: Shot, signal: AbortSignal): Promise<Captured> => {
  const { check, width } = shot;
  signal.throwIfAborted();
  const context = await browser.newContext({
    viewport: { width, height: check.height },
    deviceScaleFactor: 1,
    reducedMotion: 'reduce',
    colorScheme: 'light',
    locale: 'ru-RU',
    timezoneId: 'UTC',
    serviceWorkers: 'block',
  });
  const stop = (): void => void context.close().catch(() => undefined);
  signal.addEventListener('abort', stop);
  try {
    return await take(context, shot);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    await context.close().catch(() => undefined);
  }
};

/**
 * HTTP Basic for the site itself; whoever else asks for a password is refused, as a browser without a window would wait for
 * somebody to type it.
 */
const answerLogins = async (page: Page, { check, password }: Shot): Promise<void> => {
  const own = new URL(check.url).origin;
  const session = await page.context().newCDPSession(page);
  const tried = new Set<string>();
  // A page that was closed meanwhile needs no answer.
  const gone = (): void => undefined;
  session.on('Fetch.requestPaused', ({ requestId }) => {
    session.send('Fetch.continueRequest', { requestId }).catch(gone);
  });
  session.on('Fetch.authRequired', ({ requestId, authChallenge, request }) => {
    const isOwn = check.user !== '' && authChallenge.source !== 'Proxy' && new URL(request.url).origin === own;
    const login = isOwn && !tried.has(requestId);
    tried.add(requestId);
    const answer = login
      ? { response: 'ProvideCredentials' as const, username: check.user, password: password ?? '' }
      : { response: 'CancelAuth' as const };
    session.send('Fetch.continueWithAuth', { requestId, authChallengeResponse: answer }).catch(gone);
  });
  await session.send('Fetch.enable', { handleAuthRequests: true });
};

const take = async (context: BrowserContext, shot: Shot): Promise<Captured> => {
  const { check } = shot;
  const url = new URL(shot.page.path, check.url);
  const timeout = check.timeout * 1000;
  const page = await context.newPage();
  page.setDefaultTimeout(timeout);
  const problems = listen(page, url.origin);
  await answerLogins(page, shot);
  let status: number;
  try {
    const response = await page.goto(url.href, { waitUntil: 'load', timeout });
    status = response?.status() ?? 0;
  } catch (error) {
    throw new NakatError('PAGE_UNREACHABLE', {
      values: { page: shot.page.path, pages: check.name },
      where: url.origin,
      vendor: plain(error),
      cause: error,
    });
  }
  await settle(page);
  const height = await page.evaluate<number>('document.documentElement.scrollHeight');
  const png = await picture(page, shot, height);
  return { png, height, status, problems: [...problems].toSorted() };
};

/** Run in the page. */
const seeAll = `(async () => {
  for (let y = 0; y < Math.min(document.documentElement.scrollHeight, ${longest}); y += window.innerHeight) {
    window.scrollTo({ top: y, behavior: 'instant' });
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
  window.scrollTo({ top: 0, behavior: 'instant' });
  await document.fonts.ready;
  await Promise.all([...document.images].map((image) => image.decode().catch(() => undefined)));
})()`;

/** Until the network is quiet; then through the whole page, so that what is loaded on sight is there; then back to the top. */
const settle = async (page: Page): Promise<void> => {
  const quiet = (): Promise<void> =>
    page.waitForLoadState('networkidle', { timeout: quietTime }).catch(() => undefined);
  await quiet();
  await page.evaluate(seeAll);
  await quiet();
};

const picture = (page: Page, { check, page: { mask }, width }: Shot, height: number): Promise<Buffer> =>
  page.screenshot({
    type: 'png',
    fullPage: true,
    animations: 'disabled',
    caret: 'hide',
    scale: 'css',
    mask: [...check.mask, ...mask].map((selector) => page.locator(selector)),
    maskColor: '#808080',
    ...(height > longest ? { clip: { x: 0, y: 0, width, height: longest } } : {}),
  });

const listen = (page: Page, origin: string): Set<string> => {
  const problems = new Set<string>();
  const add = (kind: string, text: string): void => {
    if (problems.size < mostProblems) problems.add(`${kind} ${text}`.slice(0, problemLength));
  };
  /** Without its query: that names the version of a file, and another version is no other problem. */
  const place = (address: string): string => {
    const { origin: its, pathname, protocol } = new URL(address);
    return its === origin ? pathname : protocol === 'data:' ? 'data:' : `${its}${pathname}`;
  };
  page.on('console', (message) => {
    // Said once more by `response` and `requestfailed`, with the address.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      add('console:', oneLine(message.text()));
  });
  page.on('pageerror', (error) => add('console:', oneLine(`${error.name}: ${error.message}`)));
  page.on('response', (response) => {
    if (response.status() >= 400) add(String(response.status()), place(response.url()));
  });
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText ?? '';
    // Called off by the page itself, as when a video is not played on.
    if (reason !== 'net::ERR_ABORTED') add('failed', `${place(request.url())} ${reason}`.trim());
  });
  return problems;
};

/** Addresses inside a message carry versions too. */
const oneLine = (text: string): string =>
  text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/(https?:\/\/[^\s?)]+)\?[^\s):]*/g, '$1')
    .trim();
