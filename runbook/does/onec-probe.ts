/** Opens each file that is there for itself alone, and lets go of it: `free` when nobody else has one of them open. */
export const infobaseProbe = (files: readonly string[]): string[] => [
  'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe',
  '-NoProfile',
  '-NonInteractive',
  '-Command',
  `$ErrorActionPreference='Stop'; try { foreach ($file in ${files.map((file) => `'${file.replaceAll("'", "''")}'`).join(',')}) { if (Test-Path -LiteralPath $file) { [IO.File]::Open($file,'Open','ReadWrite','None').Close() } }; 'free' } catch { $_.Exception.Message; exit 1 }`,
];
