/**
 * `powershell.exe` as far as opening files for nobody else needs it, and the sign of an open file infobase. Linux keeps nobody from
 * opening a file, so the sign itself says whether it is one of a program that runs or what a crash has left.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { Program } from '../windows/host.ts';

/** Content of a 1Cv8.1CL that nobody has open any more. */
export const leftover = 'left by a crash';

export const isHeld = (sign: string): boolean => existsSync(sign) && readFileSync(sign, 'utf8') !== leftover;

/** Only this one script; what is held is told by the sign beside it. */
export const exclusiveOpenProgram: Program = async (argv, io) => {
  const script = argv[argv.findIndex((word) => /^-Command$/i.test(word)) + 1] ?? '';
  const list = /foreach \(\$file in ((?:'(?:[^']|'')*',?)+)\)/.exec(script)?.[1];
  if (list === undefined || !script.includes("[IO.File]::Open($file,'Open','ReadWrite','None').Close()")) {
    io.err('not a script of this practice ground\r\n');
    return 1;
  }
  const files = [...list.matchAll(/'((?:[^']|'')*)'/g)].map(([, file]) => file!.replaceAll("''", "'"));
  const sign = files.find((file) => /\\1Cv8\.1CL$/i.test(file));
  if (sign !== undefined && isHeld(io.real(sign))) {
    io.out(`The process cannot access the file '${sign}' because it is being used by another process.\r\n`);
    return 1;
  }
  io.out('free\r\n');
  return 0;
};
