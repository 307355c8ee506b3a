// A log that is never changed in place, so that what it was before can be kept: the same as `Entries` in moments.py.

/** A view of a list that only grows. `first` is the number of the first entry held, those before it being folded into a snapshot. */
export class Entries {
  constructor(store = [], begin = 0, end = 0, first = 1) {
    Object.assign(this, { store, begin, end, first });
  }

  /** The number of the newest entry, folded ones included; 0 if there has been none. */
  get last() { return this.first + this.end - this.begin - 1; }

  /** The entry of that number, or undefined where it is not held. */
  numbered(number) {
    return number >= this.first && number <= this.last ? this.store[this.begin + number - this.first] : undefined;
  }

  /** With `entries` from number `start` on, in place of what stood there and after. */
  put(start, entries) {
    if (start < this.first) return new Entries([...entries], 0, entries.length, start); // a snapshot was lost before it was on disk
    let { store, begin, end } = this;
    if (start === this.last + 1 && end === store.length) {
      for (const entry of entries) store.push(entry);
    } else if (start !== this.last + 1 || !entries.every((entry, i) => store[end + i] === entry)) { // else a later moment has put them there
      [begin, end] = [0, start - this.first];
      store = [...this.store.slice(this.begin, this.begin + end), ...entries];
    }
    return new Entries(store, begin, end + entries.length, this.first);
  }

  /** Without the entries up to `index`; empty if they do not agree with the snapshot, as nothing after it can stay. */
  fold(index, term) {
    if (index >= this.first && this.numbered(index)?.term !== term) return new Entries([], 0, 0, index + 1);
    return new Entries(this.store, this.begin + Math.max(index + 1 - this.first, 0), this.end, index + 1);
  }

  toJSON() { return { first: this.first, entries: this.store.slice(this.begin, this.end) }; }
}
