/**
 * The pages of a personal account in two versions of a vendor, and what a customer made of the old one: in the encodings, line ends and
 * kinds of files that such sites have grown with. All of it is made up here.
 */
import iconv from 'iconv-lite';

export type Pages = Readonly<Record<string, string | Buffer>>;

const crlf = (text: string): string => text.replaceAll('\n', '\r\n');
const windows1251 = (text: string): Buffer => iconv.encode(text, 'windows-1251');
const utf16 = (text: string): Buffer => Buffer.from(`\ufeff${text}`, 'utf16le');
const picture = (shade: number): Buffer =>
  Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0]), Buffer.alloc(2000, shade)]);

const page = (title: string, version: string, body: readonly string[], footer = 'Vendor'): string =>
  `<!doctype html>
<html lang="ru">
<head>
<meta charset="utf-8">
<title>${title}</title>
<link rel="stylesheet" href="/account/css/account.css">
</head>
<body>
<header>personal account</header>
<main>
<h1>${title}</h1>
${body.join('\n')}
</main>
<footer>${footer}, version ${version}</footer>
<script src="/account/js/account.js"></script>
</body>
</html>
`;

const orders = ['<table id="orders">', '<tr><th>Number</th><th>Sum</th></tr>', '</table>'];
const form = [
  '<form action="/account/save">',
  '<label>Name <input name="name"></label>',
  '<button>Save</button>',
  '</form>',
];
const many = (version: string): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: 80 }, (_, at) => [
      `parts/block-${at}.html`,
      `<section>\n<h2>Block ${at}</h2>\n<p>Lines of block ${at}.</p>\n${at % 7 === 0 ? `<p>Version ${version}</p>\n` : ''}</section>\n`,
    ]),
  );

const script = `export function total(rows) {
  return rows.reduce((sum, row) => sum + row.price * row.count, 0);
}

export function format(value) {
  return value.toFixed(2);
}
`;
const style = `body { margin: 0; }
header { background: #eee; }
nav { display: flex; }
main { padding: 1rem; }
footer { color: #999; }
`;

/** As the vendor shipped it, and as the customer found it. */
export const oldVersion: Pages = {
  'index.html': page('Personal account', '1.0', ['<p>Welcome</p>', '<p>Your orders and documents.</p>']),
  'orders/list.html': page('Orders', '1.0', orders),
  'orders/print.html': page('Print', '1.0', ['<p>Print form</p>']),
  'profile.html': page('Profile', '1.0', form),
  'css/account.css': style,
  'js/account.js': script,
  'js/old-menu.js': '// menu of the old version\n',
  'img/logo.png': picture(10),
  'lang/messages.txt': windows1251('Заказ=Заказ\r\nСумма=Сумма\r\nДоговор=Договор\r\n'),
  'lang/hints.txt': utf16('Подсказка 1\nПодсказка 2\nПодсказка 3\n'),
  'web.config': crlf('<configuration>\n  <pages buffer="true" />\n</configuration>\n'),
  ...many('1.0'),
};

/** With edits that the new version does not get in the way of. */
export const editedPages: Pages = {
  ...oldVersion,
  'index.html': page('Personal account', '1.0', ['<p>Welcome to our shop</p>', '<p>Your orders and documents.</p>']),
  'css/account.css': style.replace('#eee', '#0a5'),
  'js/account.js': script.replace('toFixed(2)', "toFixed(2).replace('.', ',')"),
  'lang/messages.txt': windows1251('Заказ=Заявка\r\nСумма=Сумма\r\nДоговор=Договор\r\n'),
  'orders/delivery.html': page('Delivery', 'ours', ['<p>A page of our own</p>'], 'Our shop'),
  'img/banner.png': picture(99),
};

/** Where the new version changes the same. */
export const editedProfile = page(
  'Profile',
  '1.0',
  form.map((line) => line.replace('Name <input name="name">', 'Company <input name="company" required>')),
);

export const newVersion: Pages = {
  'index.html': page('Personal account', '2.0', [
    '<p>Welcome</p>',
    '<p>Your orders and documents.</p>',
    '<p>New: reconciliation.</p>',
  ]),
  'orders/list.html': page('Orders', '2.0', [...orders, '<p id="filter">Filter</p>']),
  'documents/print.html': page('Print', '2.0', ['<p>Print form</p>']),
  'documents/reconcile.html': page('Reconciliation', '2.0', ['<p>Act</p>']),
  'profile.html': page(
    'Profile',
    '2.0',
    form.map((line) => line.replace('Name <input name="name">', 'Full name <input name="full-name">')),
  ),
  'css/account.css': style.replace('1rem', '2rem'),
  'js/account.js': script.replace('rows.reduce(', 'rows.filter((row) => !row.cancelled).reduce('),
  'img/logo.png': picture(20),
  'lang/messages.txt': windows1251('Заказ=Заказ\r\nСумма=Сумма\r\nДоговор=Договор\r\nАкт=Акт сверки\r\n'),
  'lang/hints.txt': utf16('Подсказка 1\nПодсказка 2 (новая)\nПодсказка 3\n'),
  'web.config': crlf('<configuration>\n  <pages buffer="true" />\n  <security />\n</configuration>\n'),
  ...many('2.0'),
};
