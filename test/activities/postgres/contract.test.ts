import { databaseContract } from '../databases/contract.ts';
import { hasPostgres, startPostgresFixture } from './fixture.ts';

databaseContract('PostgreSQL', startPostgresFixture, hasPostgres);
