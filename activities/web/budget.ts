/** So much of something, taken and given back; who finds too little waits, first come first served. Who wants more than all gets all. */
export interface Budget {
  take(amount: number): Promise<void> | undefined;
  give(amount: number): void;
}

export function budgetOf(all: number): Budget {
  let left = all;
  const waiting: { readonly amount: number; readonly go: () => void }[] = [];
  const fits = (amount: number): boolean => left >= amount || left === all;
  return {
    take: (amount) => {
      if (waiting.length > 0 || !fits(amount)) return new Promise((go) => waiting.push({ amount, go }));
      left -= amount;
      return undefined;
    },
    give: (amount) => {
      left += amount;
      for (let next = waiting[0]; next && fits(next.amount); next = waiting[0]) {
        waiting.shift();
        left -= next.amount;
        next.go();
      }
    },
  };
}
