/**
 * The exchange's other side: what 1C does in its scheduled job. It is the HTTP client of `endpoint.ts`, and knows nothing of
 * nakat's. Source: the data processor of the exchange with a site in 1C's configurations, as its public copies show it.
 */
import { importXml, offersXml, type Goods } from './commerceml.ts';

export interface PushTarget {
  /** Full address of the endpoint. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

/** Throws with the site's words when it refuses. */
export async function pushCatalogue(target: PushTarget, goods: readonly Goods[], signal: AbortSignal): Promise<void> {
  let cookie = '';
  const ask = async (parameters: Record<string, string>, body?: Buffer): Promise<string[]> => {
    const url = new URL(target.url);
    for (const [name, value] of Object.entries({ type: 'catalog', ...parameters })) url.searchParams.set(name, value);
    const authorization = `Basic ${Buffer.from(`${target.user}:${target.password}`).toString('base64')}`;
    const response = await fetch(url, {
      method: body ? 'POST' : 'GET',
      headers: { authorization, cookie },
      ...(body ? { body: new Uint8Array(body) } : {}),
      signal,
    });
    const text = new TextDecoder('windows-1251').decode(await response.arrayBuffer());
    const lines = text.split('\n');
    if (!response.ok || lines[0] === 'failure') throw new Error(lines.slice(1).join(' ') || `HTTP ${response.status}`);
    return lines;
  };
  const [, name, value] = await ask({ mode: 'checkauth' });
  cookie = `${name}=${value}`;
  const limit = Number((await ask({ mode: 'init' })).find((line) => line.startsWith('file_limit='))?.slice(11));
  for (const [filename, text] of [
    ['import.xml', importXml(goods)],
    ['offers.xml', offersXml(goods)],
  ] as const) {
    const content = Buffer.from(text);
    for (let at = 0; at < content.length; at += limit)
      await ask({ mode: 'file', filename }, content.subarray(at, at + limit));
  }
  for (const filename of ['import.xml', 'offers.xml'])
    while ((await ask({ mode: 'import', filename }))[0] === 'progress');
}
