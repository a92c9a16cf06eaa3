/**
 * A pure function that may take long, by its name. What it takes and gives is copied: plain values and bytes alone. Pieces are handed over
 * instead, and whoever gave them has them no more.
 */
export interface Task<In, Out> {
  readonly name: string
  run(input: In): Out
}

/** Long work, done beside the event loop, so that no payment waits for it (I14). */
export interface Work {
  /**
   * One owner's pieces are done one after the other; others' beside them, as far as there are threads.
   * @throws WorkRefused when too much waits already, when it takes too long, or once `signal` is aborted
   */
  run<In, Out>(task: Task<In, Out>, input: In, options: { owner: string; signal?: AbortSignal }): Promise<Out>
}

export class WorkRefused extends Error {
  override name = 'WorkRefused'
}

/** The bytes of a long file, as they came. */
export type Pieces = readonly Uint8Array[]
