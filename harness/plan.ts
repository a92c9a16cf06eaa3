import { Client, type Pool } from 'pg'

/** What PostgreSQL did for some statements together. */
export interface Plan {
  /** pages of 8 KB that it touched, in memory or not */
  buffers: number
  /** ways into tables, each once, the dearest first */
  summary: string
}

interface Node {
  'Node Type': string
  'Relation Name'?: string
  'Index Name'?: string
  'Actual Rows': number
  'Actual Loops': number
  'Shared Hit Blocks': number
  'Shared Read Blocks': number
  'Rows Removed by Filter'?: number
  Plans?: Node[]
}

export interface Heard {
  text: string
  values: unknown[]
}

/** What was asked of servers while `work` ran, transactions' own statements left out. */
export async function heard(work: () => Promise<unknown>): Promise<Heard[]> {
  const all: Heard[] = []
  const query = Client.prototype.query
  Client.prototype.query = function (this: Client, ...args: unknown[]) {
    const [first, values] = args as [string | { text: string; values?: unknown[] }, unknown[]?]
    all.push(typeof first === 'string' ? { text: first, values: values ?? [] } : { values: [], ...first })
    return (query as (...args: unknown[]) => unknown).apply(this, args)
  } as never
  try {
    await work()
  } finally {
    Client.prototype.query = query
  }
  return all.filter(({ text }) => /^\s*(select|with)\b/i.test(text) && !/^\s*select set_config\b/i.test(text))
}

/** Runs each once more under `explain analyze`. */
export async function planned(pool: Pool, statements: readonly Heard[]): Promise<Plan> {
  const ways = new Map<string, number>()
  let buffers = 0
  for (const { text, values } of statements) {
    const { rows } = await pool.query(`explain (analyze, buffers, timing off, format json) ${text}`, values)
    const root = rows[0]['QUERY PLAN'][0].Plan as Node
    buffers += blocksOf(root)
    walk(root, (node) => {
      const relation = node['Index Name'] ?? node['Relation Name']
      if (!relation) return
      const kind = node['Node Type'].replace('Scan', '').trim()
      const way = `${kind} ${relation}`
      const rows = (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops']
      ways.set(way, (ways.get(way) ?? 0) + rows)
    })
  }
  const dearest = [...ways].sort((a, b) => b[1] - a[1]).slice(0, 4)
  return { buffers, summary: dearest.map(([way, rows]) => `${way}: ${rows}`).join('; ') }
}

const blocksOf = (node: Node) => node['Shared Hit Blocks'] + node['Shared Read Blocks']

function walk(node: Node, see: (node: Node) => void): void {
  see(node)
  for (const child of node.Plans ?? []) walk(child, see)
}
