import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { delimiter, extname, join, relative, sep } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import type Koa from 'koa'
import { pagePolicy } from './headers'
import { HttpProblem } from './problem'

/** How a file may be packed, the smallest first; the build puts each beside the file, by that ending. */
const PACKINGS = [
  { coding: 'br', ending: '.br', pack: brotliCompressSync },
  { coding: 'gzip', ending: '.gz', pack: gzipSync },
] as const

type Coding = (typeof PACKINGS)[number]['coding']

interface File {
  type: string
  hash: string
  caching: string
  bytes: Buffer
  packed: { coding: Coding; bytes: Buffer }[]
  /** of a page: what it may do, by the host that it was asked of */
  policy: ((host: string | undefined) => string) | null
}

export interface Pages {
  /** answers by the file of an address, if there is one */
  serve: Koa.Middleware
  /** answers by the page, whatever the address; false where none is built */
  page(ctx: Koa.Context): boolean
}

/** Built files carry a hash of their content in their names; the page itself is asked for each time. */
const HASHED = /\.[0-9a-f]{8,}\.(js|css)$/
const FOREVER = 'public, max-age=31536000, immutable'
/** One sound after another: none may wait for a question whether it is still the same. */
const SOUND = /\.mp3$/
const A_DAY = 'public, max-age=86400'
const ASKED_EACH_TIME = 'no-cache'

/**
 * The built pages, read once: what isn't among them can't be asked for, by whatever path. In `h5Dir` folders of versions before may follow
 * ours: of them only what carries a hash is served, to pages that were opened before. Of a file that names no coding we send the file; a part of one (`Range`) is never sent, since none is large.
 */
export function openPages(h5Dir: string, publicUrl: string | null): Pages {
  const [own, ...before] = h5Dir.split(delimiter)
  const files = readFiles(own!, publicUrl)
  for (const older of before)
    for (const [name, file] of readFiles(older, publicUrl, (name) => HASHED.test(name)))
      if (!files.has(name)) files.set(name, file)
  const page = files.get('/index.html')
  if (page) files.set('/', page)
  return {
    serve(ctx, next) {
      const file = /^(GET|HEAD)$/.test(ctx.method) && files.get(decoded(ctx.path))
      return file ? send(ctx, file) : next()
    },
    page(ctx) {
      if (page) send(ctx, page)
      return page !== undefined
    },
  }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    throw new HttpProblem('invalid-input', { detail: 'the address is malformed' })
  }
}

function readFiles(h5Dir: string, publicUrl: string | null, which = (_: string) => true): Map<string, File> {
  if (!existsSync(h5Dir)) return new Map()
  const names = readdirSync(h5Dir, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => `/${relative(h5Dir, join(one.parentPath, one.name)).split(sep).join('/')}`)
    .filter((name) => !name.includes('/.') && PACKINGS.every(({ ending }) => !name.endsWith(ending)))
  return new Map(names.filter(which).map((name) => [name, readFile(join(h5Dir, name), publicUrl)]))
}

function readFile(path: string, publicUrl: string | null): File {
  const bytes = readFileSync(path)
  const isPage = path.endsWith('.html')
  return {
    type: extname(path),
    hash: createHash('sha256').update(bytes).digest('base64url').slice(0, 22),
    caching: HASHED.test(path) ? FOREVER : SOUND.test(path) ? A_DAY : ASKED_EACH_TIME,
    bytes,
    packed: PACKINGS.flatMap(({ coding, ending, pack }) => {
      // a page keeps its name when it changes: what lies beside it could be another's
      if (isPage) return { coding, bytes: pack(bytes) }
      return existsSync(path + ending) ? { coding, bytes: readFileSync(path + ending) } : []
    }),
    policy: isPage ? pagePolicy(bytes.toString(), publicUrl) : null,
  }
}

function send(ctx: Koa.Context, { type, hash, caching, bytes, packed, policy }: File): void {
  const found = packed.find(({ coding }) => ctx.acceptsEncodings(coding, 'identity') === coding)
  ctx.set('Cache-Control', caching)
  ctx.set('ETag', `"${hash}${found ? `-${found.coding}` : ''}"`)
  if (packed.length > 0) ctx.set('Vary', 'Accept-Encoding')
  if (policy) ctx.set('Content-Security-Policy', policy(ctx.req.headers.host))
  ctx.status = 200
  if (ctx.fresh) {
    ctx.status = 304
    return
  }
  if (found) ctx.set('Content-Encoding', found.coding)
  ctx.type = type
  ctx.body = found ? found.bytes : bytes
}
