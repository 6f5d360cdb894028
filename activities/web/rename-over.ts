/**
 * A rename over an existing file for servers that refuse an existing name. The old file waits in nakat's own folder until the new one is in
 * its place, and comes back where that is refused: such a server does not say why it refuses, and it may be for another reason.
 */
import { randomBytes } from 'node:crypto';
import { ownPrefix } from './walk.ts';

/**
 * `move`: a rename to a free name; false where nothing is of the first. A moment is left without the file. Throws what `move` throws, then
 * with the old file in its place, unless that was refused as well.
 */
export async function renameOver(
  from: string,
  to: string,
  move: (from: string, to: string) => Promise<boolean>,
): Promise<void> {
  // One of the two is in nakat's folder, which goes with all that is left in it.
  const mine = from.startsWith(ownPrefix) ? from : to;
  const aside = `${mine}.${randomBytes(4).toString('hex')}`;
  const old = await move(to, aside);
  try {
    await move(from, to);
  } catch (error) {
    if (old) await move(aside, to);
    throw error;
  }
}
