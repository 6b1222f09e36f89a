import type { Visibility } from '@slipway/portal';

/** Collects conditions with their numbered parameters. Texts are ours; values only ever travel as parameters. */
export class Where {
  readonly values: unknown[] = [];
  private readonly conditions: string[] = [];

  /** Each `?` in the text stands for the next of the values. */
  and(text: string, ...values: unknown[]): this {
    let number = this.values.length;
    this.conditions.push(text.replaceAll('?', () => `$${(number += 1)}`));
    this.values.push(...values);
    return this;
  }

  andVisible(column: string, visibility: Visibility): this {
    return visibility.all ? this : this.and(`(${column} IS NULL OR ${column} = ?)`, visibility.team);
  }

  sql(): string {
    return this.conditions.length === 0 ? '' : `WHERE ${this.conditions.join(' AND ')}`;
  }
}
