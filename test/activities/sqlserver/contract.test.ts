import { databaseContract } from '../databases/contract.ts';
import { startStandInFixture } from './fixture.ts';
import { startRealServerFixture } from './real-server.ts';

databaseContract('SQL Server (stand-in)', () => startStandInFixture());

const real = process.env.NAKAT_TEST_SQLSERVER;
if (real !== undefined) databaseContract('SQL Server', () => startRealServerFixture(real));
