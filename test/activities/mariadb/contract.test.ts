import { databaseContract } from '../databases/contract.ts';
import { hasMariaDb, startMariaDbFixture } from './fixture.ts';

databaseContract('MariaDB', startMariaDbFixture, hasMariaDb);
