/** Code of the project as a program of its own, without a build: for tests that kill it. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const project = fileURLToPath(new URL('../..', import.meta.url));

export interface Compiled {
  /** File to be run with node. */
  readonly entry: string;
  remove(): void;
}

/** Types stripped from these folders, all below included, into a temporary one; `main` is the text of the entry, beside them. */
export function compiled(folders: readonly string[], main: string): Compiled {
  const out = mkdtempSync(join(tmpdir(), 'nakat-compiled-'));
  symlinkSync(join(project, 'node_modules'), join(out, 'node_modules'));
  writeFileSync(join(out, 'package.json'), '{"type":"module"}');
  const compilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    verbatimModuleSyntax: true,
    rewriteRelativeImportExtensions: true,
  };
  for (const folder of folders) {
    for (const file of readdirSync(join(project, folder), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts')) continue;
      const path = join(folder, file);
      const { outputText } = ts.transpileModule(readFileSync(join(project, path), 'utf8'), { compilerOptions });
      mkdirSync(dirname(join(out, path)), { recursive: true });
      writeFileSync(join(out, path.replace(/ts$/, 'js')), outputText);
    }
  }
  const entry = join(out, 'main.js');
  writeFileSync(entry, main);
  return { entry, remove: () => rmSync(out, { recursive: true, force: true }) };
}
