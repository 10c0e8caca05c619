/** The last `most` items of an endless list. */
export class Ring<T> {
  private items: T[] = [];
  private first = 0;
  dropped = 0;

  private readonly most: number;

  constructor(most: number) {
    this.most = most;
  }

  push(...added: T[]): void {
    for (const item of added) {
      if (this.items.length < this.most) {
        this.items.push(item);
      } else {
        this.items[this.first] = item;
        this.first = (this.first + 1) % this.most;
        this.dropped += 1;
      }
    }
  }

  get length(): number {
    return this.items.length;
  }

  at(index: number): T | undefined {
    return this.items[(this.first + index) % this.most];
  }

  toArray(): T[] {
    return [...this.items.slice(this.first), ...this.items.slice(0, this.first)];
  }

  clear(): void {
    this.items = [];
    this.first = 0;
    this.dropped = 0;
  }
}
