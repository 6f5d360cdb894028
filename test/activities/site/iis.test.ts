/** What appcmd refuses because it has happened meanwhile is no failure. */
import { expect, test } from 'vitest';
import type { Machine } from '../../../activities/machines/machine.ts';
import { Iis } from '../../../activities/site/iis.ts';

/** A web server whose states change behind the back of whoever looks: `after` each list, the next state. */
function server(states: string[]): { iis: Iis; heard: string[] } {
  const heard: string[] = [];
  const run = async ([, ...words]: readonly string[]) => {
    heard.push(words.slice(0, 2).join(' '));
    if (words[0] !== 'list') return { code: 1056, stdout: 'ERROR ( message:not valid in this state )', stderr: '' };
    const state = states.length > 1 ? states.shift() : states[0];
    const stdout = `<appcmd><SITE SITE.NAME="s" bindings="" state="${state}"/><APPPOOL APPPOOL.NAME="p" state="${state}"/></appcmd>`;
    return { code: 0, stdout, stderr: '' };
  };
  return { iis: new Iis({ name: 'web', run } as unknown as Machine, 'appcmd.exe'), heard };
}

test('another attempt’s start arrives between the look and the command', async () => {
  const { iis, heard } = server(['Stopped', 'Started']);
  await iis.start('s', 'p');
  expect(heard).toContain('start apppool');
});

test('another attempt’s stop arrives between the look and the command', async () => {
  const { iis, heard } = server(['Started', 'Stopped']);
  await iis.stop('s', 'p');
  expect(heard).toContain('stop site');
});

test('a refusal that nothing explains is one', async () => {
  await expect(server(['Stopped']).iis.start('s', 'p')).rejects.toMatchObject({ code: 'WEB_SERVER_REFUSED' });
  await expect(server(['Started']).iis.stop('s', 'p')).rejects.toMatchObject({ code: 'WEB_SERVER_REFUSED' });
});
