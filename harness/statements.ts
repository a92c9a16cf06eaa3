import type { Plant, StatementFaultInput } from '../server/sandbox/bank/statement-faults'

/** The sandbox's routes around its statements. */
export interface StatementAdmin {
  /** Ends a day (日切): what is booked from now on belongs to the next. */
  cut(date: string): Promise<void>
  /** replaces all faults of statements */
  faults(...faults: StatementFaultInput[]): Promise<void>
  /** the mistakes in the file of a date */
  planted(date: string): Promise<Plant[]>
}

export function statementAdmin(baseUrl: string, adminToken: string): StatementAdmin {
  async function call(method: string, path: string, value?: unknown): Promise<unknown> {
    const reply = await fetch(`${baseUrl}/sandbox/statements/${path}`, {
      method,
      headers: { authorization: `Bearer ${adminToken}` },
      ...(value === undefined ? {} : { body: JSON.stringify(value) }),
    })
    if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${await reply.text()}`)
    return reply.json()
  }
  return {
    cut: async (date) => void (await call('POST', `${date}/cut`)),
    faults: async (...faults) => void (await call('PUT', 'faults', faults)),
    planted: async (date) => ((await call('GET', date)) as { planted: Plant[] }).planted,
  }
}

/** As `startTestBank` sets it. */
export const TEST_ADMIN_TOKEN = 'test-admin-token'
