/** A piece as large is kept as it came. */
const LARGE = 16_384
/** So many are kept whatever their size: a body is one or two, a file over a slow line some hundred. */
const FEW = 64
const BLOCK = 65_536

/**
 * The bytes of a body as they come. Who sends a byte at a time may send millions of pieces, of which each costs some hundred bytes, and more
 * to hand over: beyond a few, small ones are joined, each byte copied once.
 */
export class Gathered {
  private readonly pieces: Buffer[] = []
  private block = Buffer.alloc(0)
  private used = 0

  push(piece: Buffer): void {
    if (piece.length >= LARGE || this.pieces.length < FEW) {
      this.flush()
      this.pieces.push(piece)
      return
    }
    if (piece.length > this.block.length - this.used) {
      this.flush()
      this.block = Buffer.allocUnsafeSlow(BLOCK)
    }
    this.used += piece.copy(this.block, this.used)
  }

  all(): Buffer[] {
    this.flush()
    return this.pieces
  }

  private flush(): void {
    if (this.used === 0) return
    this.pieces.push(this.block.subarray(0, this.used))
    this.block = Buffer.alloc(0)
    this.used = 0
  }
}
