import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, gzip } from 'node:zlib'

/** Below that an answer is one packet anyway. */
const LEAST_BYTES = 1_000
const HARDEST = 9

/** Puts beside each script and style of a folder what it is packed by Brotli (`.br`) and by gzip (`.gz`), as small as each gets. */
export async function packFiles(folder: string): Promise<void> {
  const names = await readdir(folder, { recursive: true })
  await Promise.all(
    names
      .filter((name) => /\.(js|css)$/.test(name))
      .map(async (name) => {
        const file = join(folder, name)
        const bytes = await readFile(file)
        if (bytes.length < LEAST_BYTES) return
        await writeFile(`${file}.br`, await promisify(brotliCompress)(bytes))
        await writeFile(`${file}.gz`, await promisify(gzip)(bytes, { level: HARDEST }))
      }),
  )
}
