import type { SecretRef } from '../../runbook/targets/index.ts';

export type ReadSecret = (ref: SecretRef) => Promise<string>;

/** The other side answered and did not take it; `forGood`: it will not take it later either. */
export class Refused extends Error {
  readonly forGood: boolean;
  constructor(message: string, forGood: boolean) {
    super(message);
    this.forGood = forGood;
  }
}
