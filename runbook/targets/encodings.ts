/** Encodings of texts that are neither UTF-8 nor UTF-16. */
export const legacyEncodings = ['windows-1251', 'cp866', 'koi8-r'] as const;
export type LegacyEncoding = (typeof legacyEncodings)[number];
