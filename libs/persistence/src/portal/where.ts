import type { Visibility } from '@slipway/portal';

/** Collects conditions with their numbered parameters. Texts are ours; values only ever travel as parameters. */
export class Where {
  readonly values: unknown[] = [];
  private readonly conditions: string[] = [];

  /** `?` in the text stands for the value's number, wherever it occurs. */
  and(text: string, value: unknown): this {
    this.values.push(value);
    this.conditions.push(text.replaceAll('?', `$${this.values.length}`));
    return this;
  }

  andVisible(column: string, visibility: Visibility): this {
    return visibility.all ? this : this.and(`(${column} IS NULL OR ${column} = ?)`, visibility.team);
  }

  sql(): string {
    return this.conditions.length === 0 ? '' : `WHERE ${this.conditions.join(' AND ')}`;
  }
}
