/** Small tools of Windows. Source for each: its page in Microsoft Learn, "Windows commands". */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { Disk } from '../disk.ts';
import type { Program } from '../host.ts';
import type { Processes } from '../processes.ts';

/** `certutil -hashfile <file> SHA256`; an empty file cannot be mapped and is refused, as on Windows. */
export const certutil: Program = async (argv, io) => {
  const [verb, path, algorithm = 'SHA1'] = argv;
  if (!/^[-/]hashfile$/i.test(verb ?? '') || path === undefined || !/^(sha256|sha1|md5)$/i.test(algorithm)) {
    io.out('CertUtil: Unknown arg\r\n');
    return 87;
  }
  const real = io.real(path);
  const fail = (text: string, code: number): number => (
    io.out(`CertUtil: -hashfile command FAILED: ${text}\r\n`),
    code
  );
  if (!existsSync(real)) return fail('0x80070002 (WIN32: 2 ERROR_FILE_NOT_FOUND)', 2);
  if (statSync(real).size === 0) return fail('0x800703ee (WIN32: 1006 ERROR_FILE_INVALID)', 1006);
  const digest = createHash(algorithm.toLowerCase()).update(readFileSync(real)).digest('hex');
  io.out(
    `${algorithm.toUpperCase()} hash of ${path}:\r\n${digest}\r\nCertUtil: -hashfile command completed successfully.\r\n`,
  );
  return 0;
};

/** Exit codes below 8 are success: 1 = files were copied, 0 = nothing to do; 8 = some were not; 16 = wrong usage. */
export const robocopy =
  (disk: Disk): Program =>
  async (argv, io) => {
    const [from, to, ...options] = argv;
    const wrong = options.find(
      (option) =>
        !/^\/(e|s|mir|copy:[datsou]+|dcopy:[dat]+|r:\d+|w:\d+|mt(:\d+)?|np|nfl|ndl|njh|njs|nc|ns|b|xj|sl|unicode)$/i.test(
          option,
        ),
    );
    if (from === undefined || to === undefined || wrong !== undefined) {
      io.out(`ERROR : Invalid Parameter #${options.indexOf(wrong ?? '') + 3} : "${wrong ?? ''}"\r\n`);
      return 16;
    }
    const source = io.real(from);
    if (!existsSync(source)) {
      io.out(
        `ERROR 2 (0x00000002) Accessing Source Directory ${from}\r\nThe system cannot find the file specified.\r\n`,
      );
      return 16;
    }
    let copied = 0;
    let failed = 0;
    const deep = options.some((option) => /^\/(e|s|mir)$/i.test(option));
    const copy = async (real: string, target: string): Promise<void> => {
      mkdirSync(target, { recursive: true });
      for (const name of readdirSync(real).sort()) {
        if (io.signal.aborted) return;
        const path = join(real, name);
        const stat = statSync(path);
        if (stat.isDirectory()) {
          if (deep) await copy(path, join(target, name));
          continue;
        }
        const there = statSync(join(target, name), { throwIfNoEntry: false });
        if (there && there.size === stat.size && Math.abs(there.mtimeMs - stat.mtimeMs) < 2000) continue;
        if (disk.isFull || disk.isHeld(join(target, name))) {
          io.out(
            disk.isFull
              ? `ERROR 112 (0x00000070) Copying File ${name}\r\nThere is not enough space on the disk.\r\n`
              : `ERROR 32 (0x00000020) Copying File ${name}\r\n`,
          );
          failed++;
          continue;
        }
        copyFileSync(path, join(target, name));
        utimesSync(join(target, name), stat.atime, stat.mtime);
        // Lets others run: a real robocopy is another process.
        if (++copied % 20 === 0) await new Promise((next) => setImmediate(next));
      }
    };
    await copy(source, io.real(to));
    return (failed > 0 ? 8 : 0) + (copied > 0 ? 1 : 0);
  };

export const icacls: Program = async (argv, io) => {
  const [path, ...options] = argv;
  const wrong = options.find((option, at) =>
    option.startsWith('/')
      ? !/^\/(grant(:r)?|remove(:[gd])?|inheritance:[edr]|reset|t|c|q|l)$/i.test(option)
      : !/^\/(grant|remove)/i.test(options[at - 1] ?? '') && !/:/.test(option),
  );
  if (path === undefined || wrong !== undefined) return (io.err(`Invalid parameter "${wrong ?? ''}"\r\n`), 87);
  if (!existsSync(io.real(path))) return (io.err(`${path}: The system cannot find the file specified.\r\n`), 2);
  io.out('Successfully processed 1 files; Failed processing 0 files\r\n');
  return 0;
};

export const fsutil =
  (disk: Disk): Program =>
  async (argv, io) => {
    if (argv.slice(0, 2).join(' ').toLowerCase() !== 'volume diskfree' || !/^[A-Za-z]:\\?$/.test(argv[2] ?? '')) {
      io.out(`${argv.join(' ')} is an invalid parameter.\r\n`);
      return 1;
    }
    const free = disk.freeBytes();
    const grouped = (bytes: number): string => bytes.toLocaleString('en-US');
    io.out(`Total free bytes        : ${grouped(free)} (${(free / 2 ** 30).toFixed(1)} GB)\r\n`);
    io.out(`Total bytes             : ${grouped(free * 2)} (${(free / 2 ** 29).toFixed(1)} GB)\r\n`);
    io.out(`Total quota free bytes  : ${grouped(free)} (${(free / 2 ** 30).toFixed(1)} GB)\r\n`);
    return 0;
  };

export const tasklist =
  (processes: Processes): Program =>
  async (argv, io) => {
    const pid = /^PID eq (\d+)$/i.exec(argv[argv.findIndex((word) => /^\/fi$/i.test(word)) + 1] ?? '')?.[1];
    const shown = processes.list().filter((process) => pid === undefined || process.pid === Number(pid));
    if (shown.length === 0) io.out('INFO: No tasks are running which match the specified criteria.\r\n');
    for (const process of shown) io.out(`"${process.image}","${process.pid}","Services","0","10,240 K"\r\n`);
    return 0;
  };

export const taskkill =
  (processes: Processes): Program =>
  async (argv, io) => {
    const at = argv.findIndex((word) => /^\/pid$/i.test(word));
    const pid = Number(argv[at + 1]);
    const process = at < 0 ? undefined : processes.find(pid);
    if (!process) return (io.err(`ERROR: The process "${argv[at + 1] ?? ''}" not found.\r\n`), 128);
    process.kill();
    io.out(`SUCCESS: The process with PID ${pid} has been terminated.\r\n`);
    return 0;
  };

/** Prints its arguments as JSON, so that quoting can be checked byte for byte. A tool of the practice ground, not of Windows. */
export const argvEcho: Program = async (argv, io) => (io.out(JSON.stringify(argv)), 0);
