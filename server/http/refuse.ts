import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { problems } from './metrics'
import { HttpProblem, type ProblemCode } from './problem'

/** Answers a connection that no request or response was made of, and ends it. */
export function refuse(socket: Duplex, problem: HttpProblem): void {
  problems.inc({ code: problem.code })
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

/**
 * Where nothing is upgraded the header is passed over, as HTTP/1.1 has it, and the request answered: some clients offer HTTP/2 with
 * whatever they ask first. Node hands over the bare connection, so the request is put in front of it once more, without the header.
 */
export function serveWithoutUpgrade(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  // What came before it on the connection isn't answered yet, and its answer belongs to a reader that is gone.
  if (owed(socket)) return void socket.destroy()
  const { method, url, httpVersion, rawHeaders } = request
  const lines = [`${method} ${url} HTTP/${httpVersion}`]
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (!/^upgrade$/i.test(rawHeaders[i]!)) lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`)
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]))
  server.emit('connection', socket)
}

/** The response that a connection still waits for. */
const owed = (socket: Duplex) => (socket as { _httpMessage?: ServerResponse | null })._httpMessage

const CODES: Record<string, ProblemCode> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-too-slow',
}

/** What node can't read as a request is refused with a code as well, and not with its own bare line. */
export function refuseUnreadable(server: Server): void {
  server.on('clientError', ({ code = '' }: NodeJS.ErrnoException, socket) => {
    // While a request before it isn't answered this would be taken for its answer: a pay refused that is booked.
    // A browser opens connections for later; told that it was slow it would take that for the answer to its first request.
    const unused = (socket as Socket).bytesRead === 0
    if (code === 'ECONNRESET' || owed(socket) || unused || !socket.writable) socket.destroy()
    else refuse(socket, new HttpProblem(CODES[code] ?? 'malformed-request'))
  })
}
