/** `schtasks.exe`: options and texts by Microsoft Learn, "schtasks create / run / query / end / delete". */
import type { Program } from '../host.ts';
import { taskResults, type Task, type Tasks } from '../tasks.ts';

/** Options with a value (true) or without. */
const known: Readonly<Record<string, Readonly<Record<string, boolean>>>> = {
  '/create': {
    '/tn': true,
    '/tr': true,
    '/sc': true,
    '/st': true,
    '/sd': true,
    '/ru': true,
    '/rp': true,
    '/rl': true,
    '/f': false,
    '/np': false,
  },
  '/run': { '/tn': true, '/i': false },
  '/query': { '/tn': true, '/fo': true, '/nh': false, '/v': false },
  '/end': { '/tn': true },
  '/delete': { '/tn': true, '/f': false },
};

export const schtasksProgram =
  (tasks: Tasks, host: string): Program =>
  async (argv, io) => {
    const fail = (text: string): number => (io.err(`ERROR: ${text}\r\n`), 1);
    const verb = (argv[0] ?? '/query').toLowerCase();
    const options = known[verb];
    if (!options) return fail(`Invalid argument/option - '${argv[0]}'.\r\nType "SCHTASKS /?" for usage.`);
    const given = new Map<string, string>();
    for (let at = 1; at < argv.length; at++) {
      const name = argv[at]!.toLowerCase();
      if (!Object.hasOwn(options, name))
        return fail(`Invalid argument/option - '${argv[at]}'.\r\nType "SCHTASKS ${verb.toUpperCase()} /?" for usage.`);
      given.set(name, options[name] ? (argv[++at] ?? '') : '');
    }
    const name = given.get('/tn');
    const task = name === undefined ? undefined : tasks.find(name);
    if (verb === '/create') {
      const command = given.get('/tr');
      if (name === undefined || command === undefined || !given.has('/sc'))
        return fail('Invalid syntax. Mandatory option is missing.');
      if (command.length > 261)
        return fail(`Invalid syntax. Value for '/tr' option must not be more than 261 character(s).`);
      if (given.get('/sc')!.toLowerCase() === 'once' && !given.has('/st'))
        return fail(`Invalid syntax. Mandatory option '/st' is missing.`);
      if (task && !given.has('/f')) return fail(`The task name "${name}" already exists.`);
      if (task) tasks.remove(task);
      tasks.create(name, command, given.get('/ru') ?? '');
      if (given.get('/st') === '00:00')
        io.err('WARNING: The task may not run because /ST is earlier than current time.\r\n');
      io.out(`SUCCESS: The scheduled task "${name}" has successfully been created.\r\n`);
      return 0;
    }
    if (verb !== '/query' && name === undefined) return fail(`Invalid syntax. Mandatory option '/tn' is missing.`);
    if (name !== undefined && !task) return fail('The system cannot find the file specified.');
    if (verb === '/query') {
      if ((given.get('/fo') ?? 'table').toLowerCase() !== 'csv') return fail('This practice host answers in CSV only.');
      const shown = task ? [task] : tasks.all;
      if (!given.has('/nh')) io.out(given.has('/v') ? `${verboseHead}\r\n` : '"TaskName","Next Run Time","Status"\r\n');
      for (const one of shown) io.out(`${row(one, tasks, host, given.has('/v'))}\r\n`);
      return 0;
    }
    if (!task) return 1;
    if (verb === '/run') {
      tasks.run(task);
      io.out(`SUCCESS: Attempted to run the scheduled task "${name}".\r\n`);
    } else if (verb === '/end') {
      tasks.end(task);
      io.out(`SUCCESS: The scheduled task "${name}" has been terminated successfully.\r\n`);
    } else {
      if (!given.has('/f')) return fail('This practice host has nobody to ask: /f is missing.');
      tasks.remove(task);
      io.out(`SUCCESS: The scheduled task "${name}" was successfully deleted.\r\n`);
    }
    return 0;
  };

const verboseHead =
  '"HostName","TaskName","Next Run Time","Status","Logon Mode","Last Run Time","Last Result","Author","Task To Run"';

function row(task: Task, tasks: Tasks, host: string, verbose: boolean): string {
  const running = tasks.isRunning(task);
  const status = running ? 'Running' : 'Ready';
  const columns = verbose
    ? [
        host,
        task.name,
        'N/A',
        status,
        'Interactive/Background',
        '11/30/1999 12:00:00 AM',
        String(running ? taskResults.running : task.lastResult),
        host,
        task.command,
      ]
    : [task.name, 'N/A', status];
  return columns.map((column) => `"${column.replaceAll('"', '""')}"`).join(',');
}
