/** The ways in which a text is written inside XML, JSON and addresses. */
export const spellings = (text: string): string[] => [
  ...new Set([
    text,
    text.replaceAll('&', '&amp;'),
    text.replaceAll('\\', '\\\\'),
    text.replaceAll('/', '\\/'),
    encodeURIComponent(text),
  ]),
];
