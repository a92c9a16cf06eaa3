import { randomBytes } from 'node:crypto'
import { startWechatServer } from '../../server/sandbox/wechat/server'
import { runCommand } from '../command'
import { hasRedisServer, startTestRedis } from '../redis'
import { databaseUrl, postgresMissing } from '../sql'
import { startTestSystem, type TestSystem } from '../system'

/**
 * A house as a bank begins with it: no branch, no merchant, no campaign and nobody who could log in. PostgreSQL and Redis are real, the bank is
 * the sandbox's, and payers are who WeChat says.
 */
export interface PilotHouse {
  system: TestSystem
  /** a command of `fapai` beside the running BFF, and what it printed */
  fapai(command: string, ...args: string[]): Promise<string>
  /** what WeChat gives a person's mini-program */
  weappCode(person: string): string
  /** the next morning: BFF and bank start again, a day later by their clocks */
  morning(): Promise<void>
  stop(): Promise<void>
}

/** How much later it then is. */
export const A_DAY_MS = 86_400_000

/** Why there can be none here; undefined when there can. */
export function pilotMissing(): string | undefined {
  return postgresMissing() ?? (hasRedisServer() ? undefined : 'skipped: the pilot day (there is no redis-server)')
}

const APP = { appId: 'wx3cbe919f36710d1c', kind: 'weapp', united: true } as const

/** `h5Dir`: the built pages. */
export async function startPilotHouse(h5Dir: string): Promise<PilotHouse> {
  const secret = randomBytes(16).toString('hex')
  const wechat = await startWechatServer({ apps: [{ ...APP, secret }], production: false })
  const redis = await startTestRedis('redis-server')
  const own = {
    ...{ SANDBOX: 'off', SANDBOX_PASSWORD: '', SANDBOX_EASY: '', SECOND_FACTOR: 'on' },
    ...{ WECHAT_API_URL: wechat.url, WECHAT_APPID: APP.appId, WECHAT_SECRET: secret },
    ...{ H5_DIR: h5Dir, REDIS_URL: redis.url, BANK_NAME: '南城银行', BANK_PHONE: '0571-95500' },
    // what the statement leaves out is short at once, however near to midnight it is
    CARRY_OVER_MINUTES: '0',
  }
  const system = await startTestSystem(own).catch(async (error) => {
    await Promise.all([redis.stop(), wechat.stop()])
    throw error
  })
  return {
    system,
    async fapai(command, ...args) {
      const told = { DATABASE_URL: databaseUrl(system.database!), DATA_DIR: system.dataDir }
      const { code, stdout, stderr } = await runCommand(command, args, { ...own, ...told })
      if (code !== 0) throw new Error(`${command} ended with ${code}: ${stderr}`)
      return stdout
    },
    weappCode: (person) => wechat.platform.code(APP.appId, person),
    morning: () => system.travel(-1),
    async stop() {
      await system.stop()
      await Promise.all([redis.stop(), wechat.stop()])
    },
  }
}
