/** What is kept of from where people came, for a while. */
export interface Traces {
  /** Clears those of before then, ms, of each kind at most so many; answers how many of the kind that has most. */
  clear(before: number, limit: number): Promise<number>
}
