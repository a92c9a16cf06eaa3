import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type Router from '@koa/router'

/**
 * The files by which a platform sees that an address is ours: `MP_verify_….txt` and `<hash>.txt` in the root (WeChat's web page
 * authorisation and web-views), `/q/<name>.txt` in the last folder of the link rule that opens the mini-program for a scanned code.
 * They lie flat in VERIFICATION_DIR, as downloaded; each is read when asked for, so that a new one needs no restart.
 * What isn't there is for the routes after this one.
 */
export function verificationRoutes(router: Router, { verificationDir }: { verificationDir: string | null }): void {
  if (verificationDir === null) return
  // The name can't leave the folder: no slash, no backslash, and dots only before the ending's.
  router.get(/^\/(?:q\/)?([A-Za-z0-9_-]{1,100}\.txt)$/, async (ctx, next) => {
    const content = await fileOf(join(verificationDir, String(ctx.captures?.[0])))
    if (content === undefined) return next()
    ctx.type = 'text/plain'
    ctx.set('Cache-Control', 'no-store')
    ctx.body = content
  })
}

/** Undefined: no such file. */
async function fileOf(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if (['ENOENT', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}
