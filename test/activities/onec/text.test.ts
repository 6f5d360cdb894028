import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { decodeLog, parseRecords, speaksOfError } from '../../../activities/onec/text.ts';

describe('texts of 1C programs', () => {
  it('reads a log by its BOM, else as UTF-8, else as cp1251', () => {
    const text = 'Выгрузка информационной базы';
    expect(decodeLog(Buffer.from(`\uFEFF${text}`))).toBe(text);
    expect(decodeLog(Buffer.from(text))).toBe(text);
    expect(decodeLog(iconv.encode(text, 'win1251'))).toBe(text);
    expect(decodeLog(iconv.encode(text, 'utf16le', { addBOM: true }))).toBe(text);
  });

  it('hears an error in a log, and no error in good news', () => {
    expect(speaksOfError('Обработка...\r\nОшибка формата потока')).toBe(true);
    expect(speaksOfError('[ERROR] x')).toBe(true);
    expect(speaksOfError('Не удалось записать файл')).toBe(true);
    expect(speaksOfError('Ошибок не обнаружено\r\nВыгрузка информационной базы успешно завершена')).toBe(false);
  });

  it('reads the records of rac', () => {
    const text =
      'infobase          : 1-2\r\nname              : trade\r\ndenied-message    : "Обновление: до ""утра"""\r\ndenied-to         : \r\n\r\n\r\ninfobase : 3-4\r\n';
    expect(parseRecords(text)).toEqual([
      { infobase: '1-2', name: 'trade', 'denied-message': 'Обновление: до "утра"', 'denied-to': '' },
      { infobase: '3-4' },
    ]);
    expect(parseRecords('')).toEqual([]);
  });
});
