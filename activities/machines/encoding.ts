/** What a console prints is bytes in the console's code page. */
import { TextDecoder } from 'node:util';

export type Encoding = 'utf8' | 'cp866' | 'cp1251';

const labels = { utf8: 'utf-8', cp866: 'ibm866', cp1251: 'windows-1251' } as const;

/** A decoder for a stream of pieces (`decode(piece, { stream: true })`): a character cut in two is not lost. Never throws. */
export const textDecoder = (encoding: Encoding): TextDecoder => new TextDecoder(labels[encoding], { ignoreBOM: true });

export const decodeText = (bytes: Buffer, encoding: Encoding): string => textDecoder(encoding).decode(bytes);
