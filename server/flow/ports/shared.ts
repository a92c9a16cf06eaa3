/** Small texts that processes share for a while, and may lose at any time. Throws where it is away. */
export interface Shared {
  get(name: string): Promise<string | undefined>
  put(name: string, text: string, forMs: number): Promise<void>
  /** True for one of however many ask within `forMs`: it does the work for the others. */
  claim(name: string, forMs: number): Promise<boolean>
}
