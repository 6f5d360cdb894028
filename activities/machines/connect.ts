import type { MachineTarget } from '../../runbook/targets/index.ts';
import type { StepContext } from '../step.ts';
import { linuxLayer } from './linux.ts';
import { localTransport } from './local.ts';
import type { Machine } from './machine.ts';
import { sshTransport } from './ssh.ts';
import type { OsLayer } from './transport.ts';
import { windowsLayer } from './windows/layer.ts';

const layers: Record<MachineTarget['os'], OsLayer> = { linux: linuxLayer, windows: windowsLayer };

/**
 * A machine with a connection of its own, which the caller closes; steps take `machineFor` (`pool.ts`) instead. The connection
 * is made anew by the first call after it broke. Throws what `sshTransport` throws.
 */
export async function connectMachine(
  target: MachineTarget,
  context: Pick<StepContext, 'secret' | 'signal'>,
): Promise<Machine> {
  context.signal.throwIfAborted();
  const transport = target.via === 'ssh' ? sshTransport(target, context.secret) : localTransport(target);
  try {
    return await layers[target.os](transport, target);
  } catch (error) {
    await transport.close();
    throw error;
  }
}
