import { expect, it } from 'vitest';
import { budgetOf } from '../../../activities/web/budget.ts';

it('lets those wait who find too little, first come first served', async () => {
  const budget = budgetOf(10);
  const got: string[] = [];
  const take = async (name: string, amount: number): Promise<void> => {
    await budget.take(amount);
    got.push(name);
  };
  await take('first', 8);
  const waiting = [take('large', 5), take('small, but later', 1)];
  await Promise.resolve();
  expect(got).toEqual(['first']);
  budget.give(8);
  await Promise.all(waiting);
  expect(got).toEqual(['first', 'large', 'small, but later']);
});

it('gives all to who wants more than all, and to nobody else meanwhile', async () => {
  const budget = budgetOf(10);
  await budget.take(1);
  let has = false;
  const huge = (async () => {
    await budget.take(50);
    has = true;
  })();
  await Promise.resolve();
  expect(has).toBe(false);
  budget.give(1);
  await huge;
  expect(budget.take(1)).toBeInstanceOf(Promise);
  budget.give(50);
  expect(budget.take(9)).toBeUndefined();
});
