/** The two files of a catalogue exchange, written as 1C writes them and read as a site reads them (CommerceML 2). */
import { XMLParser } from 'fast-xml-parser';

export interface Goods {
  readonly id: string;
  readonly article: string;
  readonly name: string;
  readonly price: number;
  readonly stock: number;
}

const escape = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign] ?? sign);
const wrapped = (inner: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<КоммерческаяИнформация ВерсияСхемы="2.08">\n${inner}</КоммерческаяИнформация>\n`;

export const importXml = (goods: readonly Goods[]): string =>
  wrapped(
    `<Каталог СодержитТолькоИзменения="false"><Ид>goods</Ид><Наименование>Каталог</Наименование><Товары>\n${goods
      .map(
        (one) =>
          `<Товар><Ид>${escape(one.id)}</Ид><Артикул>${escape(one.article)}</Артикул><Наименование>${escape(one.name)}</Наименование></Товар>\n`,
      )
      .join('')}</Товары></Каталог>\n`,
  );

export const offersXml = (goods: readonly Goods[]): string =>
  wrapped(
    `<ПакетПредложений СодержитТолькоИзменения="false"><Ид>goods#</Ид><Предложения>\n${goods
      .map(
        (one) =>
          `<Предложение><Ид>${escape(one.id)}</Ид><Цены><Цена><ЦенаЗаЕдиницу>${one.price.toFixed(2)}</ЦенаЗаЕдиницу></Цена></Цены><Количество>${one.stock}</Количество></Предложение>\n`,
      )
      .join('')}</Предложения></ПакетПредложений>\n`,
  );

export type Record1C =
  | { readonly kind: 'goods'; readonly id: string; readonly article: string; readonly name: string }
  | { readonly kind: 'offer'; readonly id: string; readonly price: string; readonly stock: string };

interface Item {
  Ид?: string;
  Артикул?: string;
  Наименование?: string;
  Цены?: { Цена?: { ЦенаЗаЕдиницу?: string }[] };
  Количество?: string;
}

const many = new Set(['Товар', 'Предложение', 'Цена']);
const parser = new XMLParser({ ignoreAttributes: true, parseTagValue: false, isArray: (name) => many.has(name) });

/** Throws in a site's words when it is no such file. */
export function readCommerceMl(xml: string): Record1C[] {
  const root = (
    parser.parse(xml) as Record<
      string,
      | { Каталог?: { Товары?: { Товар?: Item[] } }; ПакетПредложений?: { Предложения?: { Предложение?: Item[] } } }
      | undefined
    >
  )['КоммерческаяИнформация'];
  if (!root) throw new Error('Файл не является файлом CommerceML');
  const required = (value: string | undefined, what: string): string => {
    if (value === undefined || value === '') throw new Error(`Не заполнено: ${what}`);
    return value;
  };
  const goods = (root.Каталог?.Товары?.Товар ?? []).map((one): Record1C => ({
    kind: 'goods',
    id: required(one.Ид, 'Ид'),
    article: one.Артикул ?? '',
    name: required(one.Наименование, 'Наименование'),
  }));
  const offers = (root.ПакетПредложений?.Предложения?.Предложение ?? []).map((one): Record1C => ({
    kind: 'offer',
    id: required(one.Ид, 'Ид'),
    price: required(one.Цены?.Цена?.[0]?.ЦенаЗаЕдиницу, 'ЦенаЗаЕдиницу'),
    stock: one.Количество ?? '0',
  }));
  return [...goods, ...offers];
}
