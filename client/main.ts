#!/usr/bin/env node
/** The `nakat` command. */
import { runCommand } from './commands/program.ts';

process.exitCode = await runCommand(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
});
