import type { IncomingMessage } from 'node:http'
import { type JsonFault, MAX_JSON_DEPTH, readJson as readValue } from '../domain/json'
import type { Pieces } from '../flow/ports'
import { Gathered } from './pieces'
import { HttpProblem } from './problem'

/** The largest body a payer or a channel sends is a quote id and an agreement id: under 3 KB. */
const LIMIT_BYTES = 16_384

/** Reads a JSON body. Problems: unsupported-media-type, body-too-large, malformed-json. */
export async function readJson(request: IncomingMessage, limitBytes = LIMIT_BYTES): Promise<unknown> {
  refuseOtherTypes(request)
  return parsed(Buffer.concat(await readPieces(request, limitBytes)))
}

/** The same, but nothing at all, of whatever type, is `{}`. */
export async function readOptionalJson(request: IncomingMessage, limitBytes = LIMIT_BYTES): Promise<unknown> {
  const bytes = await readRaw(request, limitBytes)
  if (bytes.length === 0) return {}
  refuseOtherTypes(request)
  return parsed(bytes)
}

function refuseOtherTypes(request: IncomingMessage): void {
  const type = request.headers['content-type'] ?? ''
  if (!/^application\/json\s*(;|$)/i.test(type)) throw new HttpProblem('unsupported-media-type')
}

function parsed(bytes: Buffer): unknown {
  const read = readValue(bytes)
  if (read.kind === 'value') return read.value
  throw new HttpProblem('malformed-json', { reason: read.kind, detail: DETAILS[read.kind] })
}

const DETAILS: Record<JsonFault, string> = {
  'not-utf8': 'the bytes are not UTF-8',
  'not-json': 'no JSON text',
  'too-deep': `at most ${MAX_JSON_DEPTH} arrays and objects in one another`,
}

/** Reads a CSV file sent as the body, in the pieces that it came in. Problems: unsupported-media-type, body-too-large. */
export async function readCsv(request: IncomingMessage, limitBytes: number): Promise<Pieces> {
  if (!/^text\/csv\s*(;|$)/i.test(request.headers['content-type'] ?? ''))
    throw new HttpProblem('unsupported-media-type', { detail: 'send text/csv' })
  return readPieces(request, limitBytes)
}

/** Reads a body as the bytes it is. Problems: body-too-large, request-too-slow. */
export async function readRaw(request: IncomingMessage, limitBytes = LIMIT_BYTES): Promise<Buffer> {
  return Buffer.concat(await readPieces(request, limitBytes))
}

/** Over a line of 100 KB/s, with some to spare for the first byte. */
const BYTES_PER_MS = 100
const FIRST_BYTE_MS = 10_000

/** The whole body; refused as soon as it is too long: the rest flows by unkept, so that the client hears the answer. */
function readPieces(request: IncomingMessage, limitBytes: number): Promise<Buffer[]> {
  // NaN: it comes in chunks
  const announced = Number(request.headers['content-length'])
  return new Promise((resolve, reject) => {
    if (announced > limitBytes) return reject(tooLarge(limitBytes))
    const gathered = new Gathered()
    let size = 0
    let late: NodeJS.Timeout | undefined
    // A small body has come with its headers. A clock for each was a twentieth of a quote's work, the error for it above all.
    if (!request.complete && request.readableLength !== announced)
      late = setTimeout(() => reject(tooSlow()), FIRST_BYTE_MS + limitBytes / BYTES_PER_MS)
    const settled = <T>(settle: (value: T) => void, value: T) => {
      clearTimeout(late)
      settle(value)
    }
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= limitBytes) gathered.push(chunk)
      else if (size - chunk.length <= limitBytes) settled(reject, tooLarge(limitBytes))
    })
    request.once('end', () => settled(resolve, gathered.all()))
    request.on('error', () => settled(reject, brokenOff()))
  })
}

const tooLarge = (limitBytes: number) => new HttpProblem('body-too-large', { detail: `at most ${limitBytes} bytes` })
const tooSlow = () => new HttpProblem('request-too-slow', { detail: 'the body took too long to arrive' })
const brokenOff = () => new HttpProblem('malformed-json', { detail: 'the body broke off' })
