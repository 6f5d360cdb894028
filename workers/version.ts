import { existsSync, readFileSync } from 'node:fs';

/** Of nakat itself, as package.json has it; the file lies one folder higher above compiled code. */
const file = ['../package.json', '../../package.json']
  .map((path) => new URL(path, import.meta.url))
  .find((url) => existsSync(url));
export const version: string = file ? (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version : '0.0.0';
