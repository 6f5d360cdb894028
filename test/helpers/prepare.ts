/** Before all tests: the Temporal server is found, downloaded or built (two minutes, once), so that no test's own time is spent on it. */
import { findTemporal } from '../../workers/temporal-binary.ts';

export default async function prepare(): Promise<void> {
  await findTemporal({
    announce: (what, seconds) => {
      if (seconds % 30 === 0) process.stderr.write(`Temporal server: ${what}, ${seconds} s\n`);
    },
  });
}
