/** The product's YAML files: old values in new files. */
import { describe, expect, test } from 'vitest';
import { mergeValues, readValues, setValues, valueOf } from '../../../activities/comindware/values.ts';

const old = readValues(
  'instanceName: Portal\nport: 8080\ndatabasePath: D:\\db\njournal.password: "a: b # c"\nown: [1, 2]\n',
);
const template = `# head
clusterName: <instanceName>
#journal.password:
port: 80
db:
  workDir: <path>
  name: <name>
fresh: true
`;

describe('merge', () => {
  const merged = mergeValues(template, old);
  const values = readValues(merged.text);

  test('old values stand in the new file, under their new names, flat or nested', () => {
    expect(Object.fromEntries(values)).toEqual({
      clusterName: 'Portal',
      port: 8080,
      'db.workDir': 'D:\\db',
      'db.name': '<name>',
      fresh: true,
      'journal.password': 'a: b # c',
      own: '[1,2]',
    });
    expect(merged.text).toContain('# head');
  });

  test('what needs eyes is said, by key only', () => {
    expect(merged.renamed).toEqual([
      { from: 'instanceName', to: 'clusterName' },
      { from: 'databasePath', to: 'db.workDir' },
    ]);
    expect(merged.unknown).toEqual(['own']);
    expect(merged.added).toEqual(['db.name', 'fresh']);
  });

  test('the same again changes nothing', () => {
    expect(readValues(mergeValues(template, values).text)).toEqual(values);
  });

  test('an old key that the new file has under its new name as a comment gets the new name', () => {
    const { text, renamed } = mergeValues('# db.name: <name>\nport: 1\n', readValues('databaseName: Portal\n'));
    expect(readValues(text).get('db.name')).toBe('Portal');
    expect(renamed).toEqual([{ from: 'databaseName', to: 'db.name' }]);
  });
});

test('values are set where they stand, and added where they are missing', () => {
  const text = setValues('a: 1\nb:\n  c: x\n', (key, value) => (key === 'a' ? 2 : value), { 'b.c': 'y', 'd.e': 5 });
  expect(Object.fromEntries(readValues(text))).toEqual({ a: 2, 'b.c': 'y', 'd.e': 5 });
});

test('JSON stays JSON', () => {
  const text = setValues('{\n  "mq.server": "a"\n}\n', (_key, value) => value, { 'mq.server': 'b: c' });
  expect(JSON.parse(text)).toEqual({ 'mq.server': 'b: c' });
});

test('a byte order mark is no key, and an older name is found', () => {
  expect(valueOf(readValues('\uFEFFdatabasePath: D:\\db\n'), 'db.workDir')).toBe('D:\\db');
});

test.each(['a: 1\na: 2\n', '- a\n', 'a: [\n', 'just text'])('what is no file of values is refused: %j', (text) => {
  expect(() => readValues(text)).toThrow();
});
