/** Ways to break the practice ground that no single part of it knows. */
import type { Program } from './windows/host.ts';

/** The program fails the first time that its arguments match; afterwards it is its old self. */
export function failOnce(
  programs: Record<string, Program>,
  path: string,
  matches: (argv: readonly string[]) => boolean,
): void {
  const real = programs[path];
  if (!real) throw new Error(`no program ${path}`);
  let failed = false;
  programs[path] = async (argv, io) => {
    if (failed || !matches(argv)) return real(argv, io);
    failed = true;
    io.err('[ERROR] Соединение с сервером баз данных разорвано администратором\n');
    return 255;
  };
}
