/** Batch files that nakat writes: in the code page that they set first, so that every letter arrives. */
import iconv from 'iconv-lite';
import { NakatError } from '../../../runbook/errors/index.ts';
import type { Encoding } from '../encoding.ts';

/** Microsoft Learn, "Code page identifiers". */
const codePages: Record<Encoding, number> = { utf8: 65001, cp866: 866, cp1251: 1251 };

/** Throws COMMAND_INVALID when a letter does not exist in that encoding. */
export function batchFile(lines: readonly string[], encoding: Encoding, where: string): Buffer {
  const text = ['@echo off', `chcp ${codePages[encoding]} >nul`, ...lines, ''].join('\r\n');
  const bytes = iconv.encode(text, encoding);
  if (iconv.decode(bytes, encoding, { stripBOM: false }) !== text) {
    throw new NakatError('COMMAND_INVALID', { values: { problem: `a letter that ${encoding} does not have` }, where });
  }
  return bytes;
}
