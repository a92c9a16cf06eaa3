import { createHash } from 'node:crypto'
import { serve } from '../serve'

export interface SandboxBeacon {
  /** as BEACON_URL */
  url: string
  /** what befalls the next questions, one each */
  mishaps: ('error' | 'garbage' | 'another-round' | 'forged' | 'silence')[]
  stop(): Promise<void>
}

const GENESIS_S = 1_600_000_000
const PERIOD_S = 30

/** Speaks like a chain of drand, with signatures of nobody. A round that isn't there yet has no answer. @throws in production */
export async function startSandboxBeacon(options: { production: boolean; now?: () => number }): Promise<SandboxBeacon> {
  if (options.production) throw new Error('it refuses to run in production')
  const now = options.now ?? Date.now
  const mishaps: SandboxBeacon['mishaps'] = []
  const served = await serve(
    (request, response) => {
      const mishap = mishaps.shift()
      if (mishap === 'silence') return
      const round = Number(/^\/public\/(\d+)$/.exec(request.url ?? '')?.[1])
      const there = round >= 1 && (GENESIS_S + (round - 1) * PERIOD_S) * 1_000 <= now()
      const info = request.url === '/info'
      const body = info ? { period: PERIOD_S, genesis_time: GENESIS_S } : pulse(round, mishap)
      response.writeHead(mishap === 'error' ? 500 : info || there ? 200 : 404, { 'content-type': 'application/json' })
      response.end(mishap === 'garbage' ? '<html>' : JSON.stringify(body))
    },
    0,
    '127.0.0.1',
  )
  return { url: `http://127.0.0.1:${served.port}`, mishaps, stop: () => served.stop(0) }
}

function pulse(round: number, mishap: SandboxBeacon['mishaps'][number] | undefined) {
  const signature = createHash('sha512').update(`sandbox beacon ${round}`).digest()
  const randomness = createHash('sha256').update(signature).digest('hex')
  return {
    round: mishap === 'another-round' ? round - 1 : round,
    randomness: mishap === 'forged' ? '0'.repeat(64) : randomness,
    signature: signature.toString('hex'),
  }
}
