import { databaseContract } from '../databases/contract.ts';
import { startStandInFixture } from './fixture.ts';

databaseContract('SQL Server (stand-in)', () => startStandInFixture());
