/** The text of definitions as the server prints them: parted into words, quoted names, strings and the rest. */

interface Piece {
  readonly kind: 'word' | 'name' | 'string' | 'gap' | 'sign';
  readonly text: string;
}

/**
 * Comments and white space are gaps. Text in double quotes is a string (as without ANSI_QUOTES); where it is a name instead, a
 * database named so is not recognised.
 */
const pattern =
  /(?<name>`(?:[^`]|``)*`)|(?<string>'(?:[^'\\]|\\[^]|'')*'|"(?:[^"\\]|\\[^]|"")*")|(?<gap>\s+|#[^\n]*|--(?=\s)[^\n]*|\/\*[^]*?\*\/)|(?<word>[\p{L}\p{N}_$]+)|(?<sign>[^])/gu;

const piecesOf = (sql: string): Piece[] =>
  [...sql.matchAll(pattern)].map((match) => {
    const [kind] = Object.entries(match.groups ?? {}).find(([, text]) => text !== undefined) ?? ['sign'];
    return { kind: kind as Piece['kind'], text: match[0] };
  });

const nameIn = ({ kind, text }: Piece): string | null =>
  kind === 'word' ? text : kind === 'name' ? text.slice(1, -1).replaceAll('``', '`') : null;

/**
 * Where a definition names its own database (`shop.orders`, `` `shop`.`orders` ``), the copy's is put in its place: a view or
 * routine of a copy must never read or write the original. Strings and comments are left alone, so what a routine puts
 * together as text and then runs is not seen.
 */
export const movedTo = (sql: string, from: string, to: string): string => {
  if (from === to) return sql;
  const pieces = piecesOf(sql);
  const solid = pieces.map((piece, index) => ({ piece, index })).filter(({ piece }) => piece.kind !== 'gap');
  const moved = pieces.map(({ text }) => text);
  for (const [at, { piece, index }] of solid.entries()) {
    const before = solid[at - 1]?.piece.text;
    if (nameIn(piece) === from && solid[at + 1]?.piece.text === '.' && before !== '.' && before !== '@')
      moved[index] = `\`${to.replaceAll('`', '``')}\``;
  }
  return moved.join('');
};

/** Who answers for a view, routine, trigger or event: with it only an administrator may create it for somebody else. */
export const withoutDefiner = (sql: string): string =>
  sql.replace(
    /^(CREATE\s+(?:ALGORITHM\s*=\s*\w+\s+)?)DEFINER\s*=\s*(?:`(?:[^`]|``)*`|\S+?)(?:@(?:`(?:[^`]|``)*`|\S+))?\s+/i,
    '$1',
  );

/** An event that does not start by itself. */
export const disabled = (sql: string): string => {
  const pieces = piecesOf(sql);
  const words = pieces.map(({ kind, text }) => (kind === 'word' ? text.toUpperCase() : ''));
  const solid = pieces.flatMap(({ kind }, index) => (kind === 'gap' ? [] : [index]));
  for (const [at, index] of solid.entries()) {
    if (words[index] === 'DO') break;
    if (words[index] === 'ENABLE' && words[solid[at - 1] ?? -1] === 'PRESERVE')
      return pieces.map(({ text }, each) => (each === index ? 'DISABLE' : text)).join('');
  }
  return sql;
};
