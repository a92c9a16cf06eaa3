import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { HttpProblem, type ProblemCode } from './problem'

/** Answers a connection that no request or response was made of, and ends it. */
export function refuse(socket: Duplex, problem: HttpProblem): void {
  const body = JSON.stringify(problem.body())
  const lines = [
    `HTTP/1.1 ${problem.status} Refused`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    ...(problem.more.retryAfterS === undefined ? [] : [`Retry-After: ${problem.more.retryAfterS}`]),
  ]
  // The server keeps sockets half open: a client that never closes its side would stay for ever.
  socket.once('finish', () => socket.destroy())
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`)
}

const CODES: Record<string, ProblemCode> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-too-slow',
}

/** What node can't read as a request is refused with a code as well, and not with its own bare line. */
export function refuseUnreadable(server: Server): void {
  server.on('clientError', ({ code = '' }: NodeJS.ErrnoException, socket) => {
    // While a request before it isn't answered this would be taken for its answer: a pay refused that is booked.
    const owed = (socket as { _httpMessage?: ServerResponse | null })._httpMessage
    // A browser opens connections for later; told that it was slow it would take that for the answer to its first request.
    const unused = (socket as Socket).bytesRead === 0
    if (code === 'ECONNRESET' || owed || unused || !socket.writable) socket.destroy()
    else refuse(socket, new HttpProblem(CODES[code] ?? 'malformed-request'))
  })
}
