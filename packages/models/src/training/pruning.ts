/** Why a trial was ended before its last step though nothing is wrong with it: others are better. */
export class Pruning extends Error {
  readonly reason: string;
  constructor(reason: string) {
    super(reason);
    this.name = 'Pruning';
    this.reason = reason;
  }
}
