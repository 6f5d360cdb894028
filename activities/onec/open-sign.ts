/** Whether somebody has a file infobase open: its own sign, and where the sign may be a leftover, Windows itself. */
import { infobaseProbe } from '../../runbook/does/onec-probe.ts';
import type { Onec } from './onec.ts';

/**
 * 1Cv8.1CL lies beside the data while somebody works, and stays behind a client that was ended hard. So the sign alone is no proof: both
 * files are opened for nobody else, which Windows refuses while any program has them, over a share too. Nothing is changed, nothing
 * is removed; 1C takes the leftover over by itself. Empty: nobody has it open; else what was found, for people.
 * Only Windows guards open files so: elsewhere the sign counts.
 */
export async function whoHasOpen({ machine, context }: Onec, folder: string): Promise<string> {
  const sign = machine.join(folder, '1Cv8.1CL');
  if ((await machine.stat(sign)) === null) return '';
  if (machine.os !== 'windows') return '1Cv8.1CL';
  const files = [sign, machine.join(folder, '1Cv8.1CD')];
  const { code, stdout, stderr } = await machine.run(infobaseProbe(files), { timeout: 120, signal: context.signal });
  if (code === 0 && stdout.trim() === 'free') {
    context.log('1Cv8.1CL is a leftover: nobody has the infobase open', { folder });
    return '';
  }
  return `1Cv8.1CL: ${(stderr.trim() || stdout.trim()).slice(0, 500) || `exit ${code}`}`;
}
