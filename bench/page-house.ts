import { join } from 'node:path'

/** For `bench/page.ts`: the product of the folder that it is told, by that folder's own sources, until it is told to stop. */
async function main(folder: string): Promise<void> {
  const { startTestSystem } = require(join(folder, 'harness/system.ts')) as typeof import('../harness/system')
  const system = await startTestSystem({ H5_DIR: join(folder, 'dist/h5') })
  process.once('message', () => void system.stop().then(() => process.exit(0)))
  process.send?.(system.url())
}

main(process.argv[2]!).catch((error) => {
  console.error(error)
  process.exit(1)
})
