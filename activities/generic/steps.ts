/** The steps of no particular system. */
import type { genericSteps as catalogue } from '../../runbook/steps/generic.ts';
import type { StepActivities } from '../step.ts';
import { checkCommand, runCommand } from './command.ts';
import { copyFiles, uploadFile } from './copy.ts';
import { backUpFolder, restoreFolder } from './folders.ts';
import { markLog, waitForLogLine } from './log.ts';
import { checkService, startService, stopService } from './services.ts';
import { checkSql, runSql } from './sql.ts';
import { checkState, proveState, recordState } from './state.ts';
import { waitForUrl } from './url.ts';
import { checkVersion } from './version.ts';

export const genericSteps: StepActivities<keyof typeof catalogue> = {
  runCommand,
  checkCommand,
  checkVersion,
  copyFiles,
  uploadFile,
  backUpFolder,
  restoreFolder,
  runSql,
  checkSql,
  startService,
  stopService,
  checkService,
  waitForUrl,
  markLog,
  waitForLogLine,
  recordState,
  checkState,
  proveState,
};
