/** Markup that is safe by construction: every value put into it is escaped, unless it is markup itself. */
export interface Markup {
  readonly markup: string;
}

type Value = string | number | Markup | readonly Markup[] | null;

export const html = (parts: TemplateStringsArray, ...values: readonly Value[]): Markup => ({
  markup: String.raw({ raw: parts }, ...values.map(text)),
});

/** For text that is trusted as it is: the style sheet. */
export const trusted = (markup: string): Markup => ({ markup });

function text(value: Value): string {
  if (value === null) return '';
  if (typeof value === 'string' || typeof value === 'number') return escape(String(value));
  return 'markup' in value ? value.markup : value.map((one) => one.markup).join('');
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Control characters that no document may hold (a vendor's log can have them) are left out. */
const escape = (plain: string): string =>
  plain.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '').replace(/[&<>"']/g, (char) => entities[char] ?? '');
