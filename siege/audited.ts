import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { TYPESCRIPT } from '../harness/typescript'
import type { House } from './house'

export interface Audited {
  clean: boolean
  /** what `npm run audit` printed */
  text: string
}

/** `npm run audit` over the house's books; the house has stopped, since an embedded ledger is one process's at a time. */
export function audited({ environment }: House): Promise<Audited> {
  const options = {
    env: { ...process.env, ...TYPESCRIPT, ...environment },
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  } as const
  return new Promise((done) => {
    execFile(process.execPath, [join(__dirname, '../scripts/audit.ts')], options, (error, out, err) =>
      done({ clean: !error, text: `${out}${err}`.trim() }),
    )
  })
}
