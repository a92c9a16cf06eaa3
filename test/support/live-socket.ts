import type { LiveMessage } from '@contract'

/** Stands for the browser's WebSocket: remembers what was opened, and a test plays the server. */
export class FakeSocket {
  static opened: FakeSocket[] = []
  onopen: (() => void) | null = null
  onmessage: ((event: { data: string }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null
  closed = false

  constructor(
    readonly url: string,
    readonly protocols: string[],
  ) {
    FakeSocket.opened.push(this)
  }

  close(code = 1006) {
    this.closed = true
    this.onclose?.({ code })
  }

  says(message: LiveMessage) {
    this.onmessage?.({ data: JSON.stringify(message) })
  }

  /** The newest one. */
  static get last(): FakeSocket {
    const socket = FakeSocket.opened.at(-1)
    if (!socket) throw new Error('no socket was opened')
    return socket
  }
}
