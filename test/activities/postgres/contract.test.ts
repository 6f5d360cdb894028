import { databaseContract } from '../databases/contract.ts';
import { startPostgresFixture } from './fixture.ts';

databaseContract('PostgreSQL', startPostgresFixture);
