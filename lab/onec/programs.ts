/** The programs of one installed platform version, as the Windows-like host takes them. */
import type { Program } from '../windows/host.ts';
import { cscriptProgram } from './cscript.ts';
import { designerProgram, type OnecProgramOptions } from './designer.ts';
import { exclusiveOpenProgram } from './exclusive-open.ts';
import { ibcmdProgram } from './ibcmd.ts';
import { racProgram } from './rac.ts';

/** By full Windows path. `platform`: `C:\Program Files\1cv8\8.3.25.1560\bin`. */
export const onecPrograms = ({
  platform,
  ...options
}: OnecProgramOptions & { platform: string }): Record<string, Program> => ({
  [`${platform}\\1cv8.exe`]: designerProgram(options),
  [`${platform}\\ibcmd.exe`]: ibcmdProgram(options),
  [`${platform}\\rac.exe`]: racProgram(options),
  // With the platform's COM connector registered.
  'C:\\Windows\\System32\\cscript.exe': cscriptProgram(options),
  'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe': exclusiveOpenProgram,
});
