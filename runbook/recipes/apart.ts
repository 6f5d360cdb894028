/** Production must not be its own test system: an infobase is told by where it is and by the database that it keeps its data in. */
import type { z } from 'zod';
import type { infobase } from '../plan/common.ts';

type PlannedInfobase = z.infer<typeof infobase>;

/** Two infobases registered under two names may still share one database: a restore into the copy would then replace production. */
export function infobaseMistakes(
  production: PlannedInfobase,
  test: PlannedInfobase,
): { path: string[]; message: string }[] {
  if (JSON.stringify(production.at) === JSON.stringify(test.at))
    return [{ path: ['test', 'infobase', 'at'], message: 'the infobase of the test system is production’s own' }];
  const [live, copy] = [production.database, test.database];
  if (!live || !copy) return [];
  // SQL Server takes names of any case for the same one.
  const alike = (key: 'host' | 'name'): boolean => live[key].toLowerCase() === copy[key].toLowerCase();
  return live.port === copy.port && alike('host') && alike('name')
    ? [
        {
          path: ['test', 'infobase', 'database', 'name'],
          message: 'the database of the test infobase is production’s own',
        },
      ]
    : [];
}
