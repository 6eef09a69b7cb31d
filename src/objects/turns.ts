/** Thrown when so much work is waiting that more would only wait in vain. */
export class Overloaded extends Error {}

/**
 * Runs pieces of work one after the other, however long each awaits: an object does not serialise
 * work that awaits anything but its own storage. At most `waitingMax` wait.
 */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  readonly #waitingMax: number;

  constructor(waitingMax: number) {
    this.#waitingMax = waitingMax;
  }

  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= this.#waitingMax) throw new Overloaded();
    this.#waiting += 1;
    const turn = this.#last.then(work, work);
    this.#last = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      this.#waiting -= 1;
    }
  }
}
