import iconv from 'iconv-lite';

/** Windows' numbers of code pages, as `chcp` takes them. */
const names: Readonly<Record<number, string>> = { 65001: 'utf8', 866: 'cp866', 1251: 'cp1251', 437: 'cp437' };

export const isCodePage = (page: number): boolean => Object.hasOwn(names, page);
export const encode = (text: string, page: number): Buffer => iconv.encode(text, names[page] ?? 'utf8');
/** Without the byte order mark being taken away: cmd does not know one. */
export const decode = (bytes: Buffer, page: number): string =>
  iconv.decode(bytes, names[page] ?? 'utf8', { stripBOM: false });
