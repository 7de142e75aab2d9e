/** What a person sent before, for the arrow keys; survives a reload of the tab. */
export class History {
  /** @type {string[]} */
  #sent;
  #at;
  #key;

  /** @param {string} owner user id */
  constructor(owner) {
    this.#key = `sent by ${owner}`;
    this.#sent = /** @type {string[]} */ (JSON.parse(sessionStorage.getItem(this.#key) ?? '[]'));
    this.#at = this.#sent.length;
  }

  /** @param {string} text */
  add(text) {
    this.#sent = [...this.#sent.filter((other) => other !== text), text].slice(-100);
    this.#at = this.#sent.length;
    sessionStorage.setItem(this.#key, JSON.stringify(this.#sent));
  }

  /**
   * @param {-1 | 1} step back or forth
   * @returns {string | undefined} nothing when there is nothing further that way
   */
  move(step) {
    const to = this.#at + step;
    if (to < 0 || to > this.#sent.length) return undefined;
    this.#at = to;
    return this.#sent[to] ?? '';
  }
}
