/** A figure that a capability keeps itself and shows when it is asked. */
export interface Measure {
  /** Begins with `tutti_`; that of a counter ends with `_total`. */
  readonly name: string;
  readonly help: string;
  readonly value: number;
  /** Of figures that come once for each of several things. All of one name have the same labels. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Whether it only ever grows. */
  readonly counter: boolean;
}
