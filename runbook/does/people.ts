import type { peopleSteps } from '../steps/people.ts';
import type { DoesTable } from './define.ts';

export const peopleDoes: DoesTable<keyof typeof peopleSteps> = {
  askPerson: ({ question, choices, by }) => [
    `ask ${by.length > 0 ? by.join(', ') : 'a person'}: ${question.en} [${choices.join(' | ')}]`,
  ],
};
