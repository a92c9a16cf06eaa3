import { Counter, Gauge } from 'prom-client'
import { registry } from './registry'

const registers = [registry]
type Outcome = 'done' | 'failed' | 'handed-over'

const runs = new Counter({
  name: 'fapai_job_runs_total',
  help: 'Runs of jobs by how they ended',
  labelNames: ['task', 'outcome'],
  registers,
})

/** `task`, since Prometheus itself calls what it scrapes a job. By a clock that never jumps: Prometheus's, this host's and the ledger's may be apart. */
const succeededAt = new Map<string, number>()
new Gauge({
  name: 'fapai_job_since_success_seconds',
  help: 'By job, how long ago its last run that did not fail ended; before the first: how long ago it was begun',
  labelNames: ['task'],
  registers,
  collect() {
    for (const [job, at] of succeededAt) this.set({ task: job }, (performance.now() - at) / 1_000)
  },
})
const tookSeconds = new Gauge({
  name: 'fapai_job_last_run_seconds',
  help: 'By job, how long its last run took',
  labelNames: ['task'],
  registers,
})

/** A job begins in this process; gives what is told of each of its runs. */
export function watchJob(job: string): (outcome: Outcome, seconds: number) => void {
  succeededAt.set(job, performance.now())
  for (const outcome of ['done', 'failed', 'handed-over']) runs.inc({ task: job, outcome }, 0)
  return (outcome, seconds) => {
    runs.inc({ task: job, outcome })
    tookSeconds.set({ task: job }, seconds)
    if (outcome === 'done') succeededAt.set(job, performance.now())
  }
}
