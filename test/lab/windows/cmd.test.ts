import { afterAll, beforeAll, expect, test } from 'vitest';
import { sshTransport } from '../../../activities/machines/ssh.ts';
import { splitCommandLine } from '../../../lab/windows/argv.ts';
import { password, startFixture, type Fixture } from './fixture.ts';

let fixture: Fixture;
let cmd: (line: string, stdin?: string) => Promise<{ code: number | null; out: string; err: string }>;
let close: () => Promise<void>;
beforeAll(async () => {
  fixture = await startFixture();
  const target = fixture.target();
  if (target.via !== 'ssh') throw new Error('never');
  const transport = sshTransport(target, async () => password);
  close = () => transport.close();
  cmd = async (line, stdin) => {
    const { code, stdout, stderr } = await transport.exec(line, { stdin });
    return { code, out: stdout.toString(), err: stderr.toString() };
  };
});
afterAll(async () => {
  await close();
  await fixture.stop();
});

test('the outer pair of quotes is taken away, variables are expanded', async () => {
  expect(await cmd('echo %OS% %NO_SUCH% 100%')).toMatchObject({ out: 'Windows_NT %NO_SUCH% 100%\r\n' });
  expect((await cmd('"C:\\Windows\\System32\\argv-echo.exe" "a b"')).out).toBe('["a b"]');
  expect((await cmd('"argv-echo" ^"a^ ^%^OS^%^ b^"')).out).toBe('["a %OS% b"]');
});

test('an unknown command has the text and the code of Windows', async () => {
  const { code, err } = await cmd('nosuch --x');
  expect(code).toBe(1);
  expect(err).toContain(
    "'nosuch' is not recognized as an internal or external command,\r\noperable program or batch file.",
  );
  fixture.write('C:\\b.cmd', '@echo off\r\nnosuch\r\necho %errorlevel%\r\n');
  expect((await cmd('C:\\b.cmd')).out).toBe('9009\r\n');
});

test('operators, blocks, if and redirections', async () => {
  expect((await cmd('(echo a& echo b) > C:\\o.txt & type C:\\o.txt')).out).toBe('a\r\nb\r\n');
  expect((await cmd('if exist C:\\o.txt (echo yes) else (echo no)')).out).toBe('yes\r\n');
  expect((await cmd('if not exist C:\\none echo none')).out).toBe('none\r\n');
  expect((await cmd('nosuch 2>nul || echo failed')).out).toBe('failed\r\n');
  expect((await cmd('ver >nul && echo fine')).out).toBe('fine\r\n');
  expect((await cmd('nosuch 2>&1 >nul')).err).toBe('');
  expect((await cmd('exit /b 42')).code).toBe(42);
});

test('batch files: arguments, labels, nested call', async () => {
  fixture.write('C:\\dir 1\\inner.cmd', '@exit /b %1\r\n');
  fixture.write(
    'C:\\dir 1\\outer.cmd',
    [
      '@echo off',
      'call "%~dp0inner.cmd" 5',
      'if %errorlevel%==5 (',
      '  echo five %2 100%%',
      ') else (',
      '  echo other',
      ')',
      'goto end',
      'echo never',
      ':end',
      'exit /b 3',
    ].join('\r\n'),
  );
  expect(await cmd('"C:\\dir 1\\outer.cmd" x "y z"')).toMatchObject({ code: 3, out: 'five "y z" 100%\r\n' });
});

test('built-ins keep to the rules of Windows', async () => {
  expect((await cmd('mkdir C:\\made\\deep')).code).toBe(0);
  expect(await cmd('mkdir C:\\MADE\\DEEP')).toMatchObject({ code: 1 });
  fixture.write('C:\\made\\a.txt', '1');
  fixture.write('C:\\made\\b.txt', '2');
  expect(await cmd('ren C:\\made\\a.txt b.txt')).toMatchObject({ code: 1 });
  expect((await cmd('move /y C:\\made\\a.txt C:\\made\\B.TXT >nul & type C:\\made\\b.txt')).out).toBe('1');
  expect((await cmd('rmdir C:\\made')).code).toBe(145);
  expect((await cmd('rmdir /s /q C:\\made & if not exist C:\\made echo gone')).out).toBe('gone\r\n');
});

test.each([
  ['p a b', ['p', 'a', 'b']],
  ['"C:\\a b\\p" "x y" z', ['C:\\a b\\p', 'x y', 'z']],
  ['p "a\\\\" b', ['p', 'a\\', 'b']],
  ['p a\\"b "c""d"', ['p', 'a"b', 'c"d']],
  ['p "" a\\\\b', ['p', '', 'a\\\\b']],
])('the run-time cuts %s', (line, argv) => expect(splitCommandLine(line)).toEqual(argv));

test('appcmd: strict parameters, states, and a stop that goes on after the answer', async () => {
  const appcmd = 'C:\\Windows\\System32\\inetsrv\\appcmd.exe';
  expect((await cmd(`${appcmd} list site /bogus:1`)).code).not.toBe(0);
  expect((await cmd(`${appcmd} start site /site.name:none`)).out).toContain('ERROR ( message:Cannot find SITE object');
  fixture.write('C:\\s\\bin\\a.dll', 'x');
  await cmd(`${appcmd} add apppool /name:p1 /managedRuntimeVersion: /managedPipelineMode:Integrated`);
  expect(
    (
      await cmd(
        `${appcmd} add site /name:s1 /bindings:http/*:81: /physicalPath:C:\\s /applicationDefaults.applicationPool:p1`,
      )
    ).code,
  ).toBe(0);
  expect((await cmd(`${appcmd} list site "s1" /text:state`)).out).toBe('Started\r\n');
  expect((await cmd(`${appcmd} list wp /apppool.name:p1 /xml`)).out).toContain('WP.NAME=');
  expect(await cmd('del C:\\s\\bin\\a.dll')).toMatchObject({
    err: expect.stringContaining('being used by another process'),
  });
  expect((await cmd(`${appcmd} stop apppool /apppool.name:p1`)).code).toBe(0);
  await expect.poll(async () => (await cmd(`${appcmd} list apppool p1 /text:state`)).out).toBe('Stopped\r\n');
  expect((await cmd(`${appcmd} stop apppool /apppool.name:p1`)).code).not.toBe(0);
  expect((await cmd(`${appcmd} list wp /xml`)).out).not.toContain('WP.NAME=');
});

test('sftp: paths of Windows, and a rename that refuses an existing name', async () => {
  const machine = await fixture.connect();
  await machine.writeFile('C:\\Ftp\\..\\f1.txt', 'one');
  fixture.write('C:\\f2.txt', 'two');
  expect((await machine.readFile('/c:/F1.TXT')).toString()).toBe('one');
  await machine.rename('C:\\f1.txt', 'C:\\F2.txt');
  expect((await machine.readFile('C:/f2.txt')).toString()).toBe('one');
});
