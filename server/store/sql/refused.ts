/** Thrown inside a transaction to take it back; whoever began it answers with `result`. */
export class Refused<T extends { kind: string }> extends Error {
  override name = 'Refused'
  constructor(readonly result: T) {
    super(result.kind)
  }
}

/** What the transaction answered, or what it was taken back for. */
export async function orRefused<T, R>(transaction: Promise<T>): Promise<T | R> {
  try {
    return await transaction
  } catch (error) {
    if (error instanceof Refused) return error.result as R
    throw error
  }
}
